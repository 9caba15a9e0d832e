package localdb_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

// employeeRow is an employee as the cloud sends it.
func employeeRow(t *testing.T, id timeclock.EmployeeID, number, name string, rev, seq int64) op.Row {
	t.Helper()
	doc, err := json.Marshal(map[string]any{"number": number, "name": name, "short_name": "", "department_id": "", "site_id": string(siteA),
		"language": "de", "active": true, "changed_us": 1, "changed_by": "cloud"})
	if err != nil {
		t.Fatal(err)
	}
	return op.Row{Table: "employee", ID: string(id), Rev: rev, Seq: seq, Doc: doc}
}

// punchRow is the cloud's row of an own punch.
func punchRow(t *testing.T, o op.Op, seq int64, at timeclock.Micros) op.Row {
	t.Helper()
	var b op.PunchBody
	if err := op.Decode(o.Body, &b); err != nil {
		t.Fatal(err)
	}
	values := op.PunchRow(o.ID, b, deviceA, siteA, at, "mono", nil)
	values["changed_us"], values["changed_by"] = int64(at), b.By
	doc, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	return op.Row{Table: "punch", ID: string(b.ID), Rev: 1, Seq: seq, Doc: doc}
}

func accepted(ops ...op.Op) []op.Result {
	var out []op.Result
	for _, o := range ops {
		out = append(out, op.Result{ID: o.ID, Status: op.Accepted})
	}
	return out
}

func (d *device) name(e timeclock.EmployeeID) string {
	d.t.Helper()
	return must(d.EmployeeByID(d.t.Context(), e))(d.t).Name
}

func (d *device) put(a *localdb.Actor, table, id string, set map[string]any) {
	d.t.Helper()
	if err := d.Put(d.t.Context(), a, table, id, set, nil); err != nil {
		d.t.Fatal(err)
	}
}

func putBody(t *testing.T, o op.Op) op.PutBody {
	t.Helper()
	var b op.PutBody
	if err := op.Decode(o.Body, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnsweredOpsLeaveTheOutboxInOrder(t *testing.T) {
	d := newDevice(t)
	for range 5 {
		d.punch(anna, timeclock.In)
	}
	first, h, acked, err := d.Outbox(t.Context(), 2, op.MaxSent)
	if err != nil || len(first) != 2 || acked != 0 {
		t.Fatalf("outbox = %d ops after %d, %v; want 2 after 0", len(first), acked, err)
	}
	if want := op.ChainHash(op.ChainHash(nil, company, deviceA, first[0]), company, deviceA, first[1]); string(h) != string(want) {
		t.Errorf("head of the batch = %x, want %x", h, want)
	}
	w := must(d.SyncStatus(t.Context()))(t)
	if w.Sent != 2 || w.Queued != 3 || w.OldestUS != timeclock.MicrosOf(start) {
		t.Errorf("status = %+v, want 2 sent and 3 queued", w)
	}
	d.answer(accepted(first...)...)
	d.answer(accepted(first...)...) // the same answer again
	rest, _, acked, err := d.Outbox(t.Context(), 10, op.MaxSent)
	if err != nil || len(rest) != 3 || acked != 2 || rest[0].N != 3 {
		t.Fatalf("outbox = %+v after %d, %v; want 3 ops after 2", rest, acked, err)
	}
	if one, _, _, _ := d.Outbox(t.Context(), 10, 1); len(one) != 1 {
		t.Errorf("outbox of one byte = %d ops, want one all the same", len(one))
	}
	if err := d.RequeueSent(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w := must(d.SyncStatus(t.Context()))(t); w.Queued != 3 || w.Sent != 0 {
		t.Errorf("status after requeue = %+v, want 3 queued", w)
	}
}

func TestAPulledPunchReplacesTheLocalRowOnceItsOpIsAnswered(t *testing.T) {
	d := newDevice(t)
	p := d.punch(anna, timeclock.In)
	o := d.outbox()[0]
	anchored := p.At + 5_000_000
	d.pull("1.7", punchRow(t, o, 7, anchored)) // its answer was lost
	if e := d.entry(p.ID); e.Seq != 0 || e.At != p.At {
		t.Errorf("before the answer: seq %d at %d, want the local row", e.Seq, e.At)
	}
	d.answer(accepted(o)...)
	if e := d.entry(p.ID); e.Seq != 7 || e.At != anchored || e.TimeSource != "mono" {
		t.Errorf("after the answer: seq %d at %d by %s, want the cloud's row", e.Seq, e.At, e.TimeSource)
	}
	if n := must(d.Unanswered(t.Context()))(t); n != 0 {
		t.Errorf("%d ops wait, want none", n)
	}
}

func TestARefusedPunchStays(t *testing.T) {
	for _, status := range []op.Status{op.Rejected, op.Quarantined} {
		t.Run(string(status), func(t *testing.T) {
			d := newDevice(t)
			p := d.punch(anna, timeclock.In)
			d.answer(op.Result{ID: d.outbox()[0].ID, Status: status, Reason: op.ReasonUnknownEmp})
			d.entry(p.ID)
			if s := must(d.SyncStates(t.Context(), []timeclock.PunchID{p.ID}))(t); s[p.ID] != status {
				t.Errorf("state = %q, want %q", s[p.ID], status)
			}
			r := must(d.Refused(t.Context()))(t)
			if len(r) != 1 || r[0].Reason != op.ReasonUnknownEmp || r[0].Row != string(p.ID) {
				t.Errorf("refused = %+v", r)
			}
			if w := must(d.SyncStatus(t.Context()))(t); w.Rejected != 1 || w.Queued+w.Sent != 0 {
				t.Errorf("status = %+v", w)
			}
		})
	}
}

func TestADecisionThatLostHasNoEffect(t *testing.T) {
	for _, tc := range []struct {
		name   string
		result op.Result
		kept   int
	}{
		{"conflict", op.Result{Status: op.Conflict, Reason: op.ReasonStaleSeen}, 1},
		{"the same verdict was there", op.Result{Status: op.Accepted, Reason: op.ReasonSameVerdict}, 1},
		{"forbidden", op.Result{Status: op.Rejected, Reason: op.ReasonForbidden}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDevice(t)
			p := d.punch(anna, timeclock.In)
			must(d.DecidePunch(t.Context(), d.actor(timeclock.Manager), p.ID, timeclock.Approve, ""))(t)
			ops := d.outbox()
			tc.result.ID = ops[1].ID
			d.answer(append(accepted(ops[0]), tc.result)...)
			e := d.entry(p.ID)
			if e.Status != timeclock.Counted || len(e.Decisions) != tc.kept {
				t.Errorf("status = %s with %d decisions, want counted with %d", e.Status, len(e.Decisions), tc.kept)
			}
		})
	}
}

func TestAPutNamesWhatChangesAndWhatItWas(t *testing.T) {
	d := newDevice(t)
	d.pull("1.5", employeeRow(t, anna, "12", "Anna", 3, 5))
	hr := d.actor(timeclock.HR)
	d.put(hr, "employee", string(anna), map[string]any{"name": "Anne", "number": "12"})
	d.put(hr, "employee", string(anna), map[string]any{"name": "Anne"}) // nothing changes
	d.put(hr, "employee", string(anna), map[string]any{"deleted": true})
	ops := d.outbox()
	if len(ops) != 2 {
		t.Fatalf("%d ops, want 2", len(ops))
	}
	b := putBody(t, ops[0])
	if len(b.Set) != 1 || b.Set["name"] != "Anne" || b.Was["name"] != "Anna" || b.BaseRev != 3 {
		t.Errorf("body = %+v, want the name alone, from revision 3", b)
	}
	if b := putBody(t, ops[1]); b.Was["deleted"] != false || b.Set["deleted"] != true {
		t.Errorf("body = %+v, want deleted from false to true", b)
	}
	if people := must(d.Employees(t.Context()))(t); len(people) != 0 {
		t.Errorf("employees = %+v, want none", people)
	}
	err := d.Put(t.Context(), hr, "employee", string(anna), map[string]any{"wage": 1}, nil)
	wantErr(t, err, localdb.ErrInvalid)
	wantErr(t, d.Put(t.Context(), hr, "punch", "x", nil, nil), localdb.ErrInvalid)
}

func TestASecondPutOfANewRowBuildsOnTheFirst(t *testing.T) {
	d := newDevice(t)
	hr := d.actor(timeclock.HR)
	d.put(hr, "employee", string(anna), map[string]any{"number": "12", "name": "Anna"})
	d.put(hr, "employee", string(anna), map[string]any{"name": "Anne"})
	ops := d.outbox()
	if a, b := putBody(t, ops[0]).BaseRev, putBody(t, ops[1]).BaseRev; a != 0 || b != 1 {
		t.Errorf("base revisions = %d and %d, want 0 and 1", a, b)
	}
}

func TestOwnChangesStandUntilTheLastAnswer(t *testing.T) {
	d := newDevice(t)
	d.pull("1.5", employeeRow(t, anna, "12", "Anna", 3, 5))
	hr := d.actor(timeclock.HR)
	d.put(hr, "employee", string(anna), map[string]any{"name": "Anne"})
	d.put(hr, "employee", string(anna), map[string]any{"name": "Annie"})
	ops := d.outbox()

	d.pull("1.8", employeeRow(t, anna, "12", "Other", 4, 8))
	if got := d.name(anna); got != "Annie" {
		t.Errorf("with unanswered ops: %s, want Annie", got)
	}
	row := employeeRow(t, anna, "12", "Anne", 5, 9)
	d.answer(op.Result{ID: ops[0].ID, Status: op.Accepted, Row: &row})
	if got := d.name(anna); got != "Annie" {
		t.Errorf("with one unanswered op: %s, want Annie", got)
	}
	last := employeeRow(t, anna, "12", "Cloud", 6, 10)
	d.answer(op.Result{ID: ops[1].ID, Status: op.Conflict, Reason: op.ReasonStaleBaseRev, Row: &last})
	if got := d.name(anna); got != "Cloud" {
		t.Errorf("after the last answer: %s, want the cloud's row", got)
	}
}

func TestTheHeldRowWinsWhenItIsNewerThanTheAnswers(t *testing.T) {
	d := newDevice(t)
	d.pull("1.5", employeeRow(t, anna, "12", "Anna", 3, 5))
	d.put(d.actor(timeclock.HR), "employee", string(anna), map[string]any{"name": "Anne"})
	o := d.outbox()[0]
	d.pull("1.20", employeeRow(t, anna, "12", "Later", 5, 20))
	row := employeeRow(t, anna, "12", "Anne", 4, 9)
	d.answer(op.Result{ID: o.ID, Status: op.Accepted, Row: &row})
	if got := d.name(anna); got != "Later" {
		t.Errorf("name = %s, want Later", got)
	}
}

func TestARefusedPutIsUndone(t *testing.T) {
	for _, tc := range []struct {
		name   string
		rows   []op.Row // that were there before
		result op.Result
		want   string // empty = no row
	}{
		{"a row that only exists here goes", nil, op.Result{Status: op.Rejected, Reason: op.ReasonForbidden}, ""},
		{"an older row without the cloud's gets back what it was", []op.Row{employeeRow(t, anna, "12", "Anna", 3, 5)},
			op.Result{Status: op.Rejected, Reason: op.ReasonForbidden}, "Anna"},
		{"a row that the cloud does not have goes", []op.Row{employeeRow(t, anna, "12", "Anna", 3, 5)},
			op.Result{Status: op.Rejected, Reason: op.ReasonNotFound}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDevice(t)
			d.pull("1.5", tc.rows...)
			d.put(d.actor(timeclock.HR), "employee", string(anna), map[string]any{"name": "Anne"})
			tc.result.ID = d.outbox()[0].ID
			d.answer(tc.result)
			e, err := d.EmployeeByID(t.Context(), anna)
			if tc.want == "" {
				wantErr(t, err, localdb.ErrNotFound)
			} else if err != nil || e.Name != tc.want {
				t.Errorf("name = %q, %v; want %q", e.Name, err, tc.want)
			}
		})
	}
}

func TestAnAnswerThatIsNotUnderstoodChangesNothing(t *testing.T) {
	d := newDevice(t)
	d.punch(anna, timeclock.In)
	d.punch(anna, timeclock.Out)
	ops := d.outbox()
	err := d.ApplyPush(t.Context(), op.PushAnswer{Results: append(accepted(ops[0]), op.Result{ID: ops[1].ID, Status: "maybe"})})
	wantErr(t, err, localdb.ErrInvalid)
	if n := must(d.Unanswered(t.Context()))(t); n != 2 {
		t.Errorf("%d ops wait, want both", n)
	}
}

func TestPageAndCursorCommitTogether(t *testing.T) {
	d := newDevice(t)
	d.pull("1.5", employeeRow(t, anna, "12", "Anna", 1, 5))
	bad := op.Row{Table: "employee", ID: string(bert), Rev: 1, Seq: 9, Doc: []byte(`{"active":"perhaps"}`)}
	err := d.ApplyPage(t.Context(), op.PullAnswer{Cursor: "1.9", Rows: []op.Row{employeeRow(t, anna, "12", "Anne", 2, 8), bad}})
	if err == nil {
		t.Fatal("a row of wrong types was taken")
	}
	if got, c := d.name(anna), must(d.Cursor(t.Context()))(t); got != "Anna" || c != "1.5" {
		t.Errorf("name %s at cursor %s, want Anna at 1.5", got, c)
	}
	d.pull("1.9", employeeRow(t, anna, "12", "Anne", 2, 8), op.Row{Table: "shift", ID: "x", Seq: 9, Doc: []byte(`{}`)})
	d.pull("1.9", employeeRow(t, anna, "12", "Anna", 1, 5)) // an older page again
	if got := d.name(anna); got != "Anne" {
		t.Errorf("name = %s, want the newest", got)
	}
	d.pull("1.10", op.Row{Table: "employee", ID: string(anna), Rev: 2, Seq: 10, Deleted: true})
	_, err = d.EmployeeByID(t.Context(), anna)
	wantErr(t, err, localdb.ErrNotFound)
}

func TestASnapshotLeavesNothingThatTheCloudForgot(t *testing.T) {
	d := newDevice(t)
	p := d.punch(anna, timeclock.In)
	d.pull("1.900", employeeRow(t, anna, "12", "From before", 7, 800), employeeRow(t, bert, "13", "Gone", 1, 900))
	for _, page := range []op.SnapshotAnswer{
		{After: "employee/x", Rows: []op.Row{employeeRow(t, anna, "12", "Restored", 2, 40)}},
		{AsOf: "2.50", Rows: nil},
	} {
		if err := d.ApplySnapshot(t.Context(), page); err != nil {
			t.Fatal(err)
		}
	}
	if got, c := d.name(anna), must(d.Cursor(t.Context()))(t); got != "Restored" || c != "2.50" {
		t.Errorf("name %s at cursor %s, want Restored at 2.50", got, c)
	}
	_, err := d.EmployeeByID(t.Context(), bert)
	wantErr(t, err, localdb.ErrNotFound)
	d.entry(p.ID)
}

func TestACloudThatForgotGetsTheOpsAgain(t *testing.T) {
	d := newDevice(t)
	for range 4 {
		d.punch(anna, timeclock.In)
	}
	d.answer(accepted(d.outbox()...)...)
	if err := d.RewindTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if ops := d.outbox(); len(ops) != 2 || ops[0].N != 3 {
		t.Errorf("outbox = %+v, want ops 3 and 4", ops)
	}
	d.answer(accepted(d.outbox()...)...)
	d.pass(40 * 24 * time.Hour)
	d.punch(anna, timeclock.Out)
	d.answer(accepted(d.outbox()...)...)
	wantErr(t, d.RewindTo(t.Context(), 2), localdb.ErrPruned)
	d.punch(anna, timeclock.In)
	if ops := d.outbox(); len(ops) != 1 || ops[0].N != 6 {
		t.Errorf("the chain after pruning = %+v, want op 6", ops)
	}
}

func TestContactIsRemembered(t *testing.T) {
	d := newDevice(t)
	if err := d.NoteContact(t.Context(), 100, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.NoteContact(t.Context(), 200, fmt.Errorf("no route")); err != nil {
		t.Fatal(err)
	}
	w := must(d.SyncStatus(t.Context()))(t)
	if w.Online || w.LastContactUS != 100 || w.LastError != "no route" {
		t.Errorf("status = %+v", w)
	}
	if err := d.SaveOffset(t.Context(), -5_000_000, 20_000); err != nil {
		t.Fatal(err)
	}
	p := d.punch(anna, timeclock.In)
	if p.At != p.Wall-5_000_000 || p.TimeSource != "offset" {
		t.Errorf("punch at %d by %s, want the offset applied to %d", p.At, p.TimeSource, p.Wall)
	}
}
