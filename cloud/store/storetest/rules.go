package storetest

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"reflect"
	"testing"
	"time"

	"clockface/cloud/store"
	"clockface/sync/op"
	"clockface/timeclock"
)

func newKey() (ed25519.PublicKey, ed25519.PrivateKey, error) { return ed25519.GenerateKey(nil) }

func publicKey(t *testing.T) []byte {
	t.Helper()
	pub, _, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	return pub
}

func disjointPutsMerge(t *testing.T, w *world) {
	d := w.desktop
	w.must(t, d, d.Put(t, w.owner, "employee", string(w.ann), 1, map[string]any{"name": "Ann B."}, map[string]any{"name": "Ann Ames"}), op.Accepted, "")
	r := w.must(t, d, d.Put(t, w.owner, "employee", string(w.ann), 1, map[string]any{"language": "de"}, map[string]any{"language": ""}), op.Accepted, "")
	if r.Row == nil || r.Row.Rev != 3 {
		t.Errorf("answer %+v, want revision 3", r.Row)
	}
	if _, doc := w.row(t, d, "employee", string(w.ann)); doc["name"] != "Ann B." || doc["language"] != "de" {
		t.Errorf("row %v, want both changes", doc)
	}
}

func sameFieldConflicts(t *testing.T, w *world) {
	d := w.desktop
	w.must(t, d, d.Put(t, w.owner, "employee", string(w.ann), 1, map[string]any{"name": "first"}, map[string]any{"name": "Ann Ames"}), op.Accepted, "")
	o := d.Put(t, w.owner, "employee", string(w.ann), 1, map[string]any{"name": "second"}, map[string]any{"name": "Ann Ames"})
	r := w.must(t, d, o, op.Conflict, op.ReasonStaleBaseRev)
	if r.ConflictID == "" || r.Row == nil || r.Row.Rev != 2 {
		t.Errorf("answer %+v, want a conflict id and the cloud's row", r)
	}
	if _, doc := w.row(t, d, "employee", string(w.ann)); doc["name"] != "first" {
		t.Errorf("name is %v, want first", doc["name"])
	}
	_, doc := w.row(t, d, "conflict", r.ConflictID)
	if doc["op_id"] != o.ID || doc["tbl"] != "employee" || doc["row_id"] != string(w.ann) || doc["mine"] != `{"name":"second"}` || doc["state"] != "open" {
		t.Errorf("conflict %v", doc)
	}
	// The same change made twice is none.
	w.must(t, d, d.Put(t, w.owner, "employee", string(w.ann), 1, map[string]any{"name": "first"}, map[string]any{"name": "Ann Ames"}), op.Accepted, "")
	if _, ok := w.rows(t, w.kiosk, 0)["conflict/"+r.ConflictID]; ok {
		t.Error("a kiosk got a conflict")
	}
}

func deletedRow(t *testing.T, w *world) {
	d := w.desktop
	w.put(t, "employee", string(w.ann), 1, map[string]any{"deleted": true})
	if r, _ := w.row(t, d, "employee", string(w.ann)); !r.Deleted {
		t.Error("row is not deleted")
	}
	w.must(t, d, d.Put(t, w.owner, "employee", string(w.ann), 2, map[string]any{"name": "X"}, nil), op.Conflict, op.ReasonDeleted)
	o, _ := w.kiosk.Punch(t, w.ann, timeclock.In)
	w.must(t, w.kiosk, o, op.Quarantined, op.ReasonUnknownEmp)
	w.put(t, "employee", string(w.ann), 2, map[string]any{"deleted": false})
	w.punch(t, w.ann)
}

func missingAndExisting(t *testing.T, w *world) {
	d := w.desktop
	r := w.must(t, d, d.Put(t, w.owner, "department", op.NewID(), 1, map[string]any{"name": "X"}, nil), op.Rejected, op.ReasonNotFound)
	if r.Row != nil {
		t.Errorf("row %v, want none", r.Row)
	}
	w.must(t, d, d.Put(t, w.owner, "employee", string(w.ann), 0, map[string]any{"name": "X"}, nil), op.Rejected, op.ReasonExists)
	w.must(t, d, d.Put(t, w.owner, "employee", op.NewID(), 0, map[string]any{"name": "X", "site_id": "none"}, nil), op.Rejected, op.ReasonNotFound)
}

func numberIsOnes(t *testing.T, w *world) {
	d := w.desktop
	w.must(t, d, d.Put(t, w.owner, "employee", op.NewID(), 0, map[string]any{"name": "C", "number": "101"}, nil), op.Rejected, op.ReasonExists)
	w.put(t, "employee", string(w.ann), 1, map[string]any{"number": "101"})
}

func badBodies(t *testing.T, w *world) {
	d := w.desktop
	put := func(table string, set map[string]any) op.Op {
		return d.Put(t, w.owner, table, op.NewID(), 0, set, nil)
	}
	w.must(t, d, put("site", map[string]any{"name": "S", "zone": "Mars/North"}), op.Rejected, op.ReasonBadBody)
	w.must(t, d, put("employee", map[string]any{"salary": 1}), op.Rejected, op.ReasonUnknownField)
	w.must(t, d, put("employee", map[string]any{"name": 1}), op.Rejected, op.ReasonBadBody)
	w.must(t, d, put("employee", map[string]any{"name": "a\x00b"}), op.Rejected, op.ReasonBadBody)
	w.must(t, d, put("credential", map[string]any{"sealed": "AAAA"}), op.Rejected, op.ReasonBadBody)
	w.must(t, d, d.Chain(t, w.owner, "wage.put", map[string]any{"by": "x"}, nil), op.Rejected, op.ReasonUnknownKind)
	w.must(t, d, d.Chain(t, w.owner, "punch.put", map[string]any{"by": "x"}, nil), op.Rejected, op.ReasonUnknownKind)
	w.must(t, d, d.Chain(t, w.owner, op.PunchAdd, []int{1}, nil), op.Quarantined, op.ReasonBadBody)
	body := w.kiosk.PunchBody(w.ann, "sideways")
	w.must(t, w.kiosk, w.kiosk.Chain(t, nil, op.PunchAdd, body, nil), op.Quarantined, op.ReasonBadBody)
	if n := w.count(t, "SELECT count(*) FROM op WHERE status = 'rejected'"); n != 7 {
		t.Errorf("log holds %d rejected ops, want 7", n)
	}
	if n := w.count(t, "SELECT count(*) FROM op WHERE status = 'quarantined'"); n != 2 {
		t.Errorf("log holds %d punches that nobody could read, want 2: worked time is never dropped", n)
	}
	for what, r := range map[string]op.PushRequest{
		"numbers apart": {Ops: []op.Op{{N: 1, ID: "a"}, {N: 3, ID: "b"}}, Head: op.ChainHead{N: 3}},
		"no id":         {Ops: []op.Op{{N: 1}}, Head: op.ChainHead{N: 1}},
		"other head":    {Ops: []op.Op{{N: 1, ID: "a"}}, Head: op.ChainHead{N: 2}},
		"NUL":           {Ops: []op.Op{{N: 1, ID: "a", Body: "\x00"}}, Head: op.ChainHead{N: 1}},
		"too many":      {Ops: make([]op.Op, op.MaxOps+1)},
	} {
		if _, err := d.Send(w.store, r); !errors.Is(err, store.ErrBadPush) {
			t.Errorf("%s: %v, want ErrBadPush", what, err)
		}
	}
	state(t, w, d, store.Active)
}

func staleVerdict(t *testing.T, w *world) {
	id, d := w.punch(t, w.ann), w.desktop
	o, decision := d.Decide(t, w.owner, id, "", timeclock.Approve)
	w.must(t, d, o, op.Accepted, "")
	same, sameID := d.Decide(t, w.owner, id, "", timeclock.Approve)
	w.must(t, d, same, op.Accepted, op.ReasonSameVerdict)
	o, other := d.Decide(t, w.owner, id, "", timeclock.Reject)
	r := w.must(t, d, o, op.Conflict, op.ReasonStaleSeen)
	for dec, want := range map[string]bool{decision: true, sameID: false, other: false} {
		if _, doc := w.row(t, d, "punch_decision", dec); doc["effective"] != want {
			t.Errorf("decision %s effective = %v, want %v", dec, doc["effective"], want)
		}
	}
	if _, doc := w.row(t, d, "conflict", r.ConflictID); doc["first_by"] != string(w.company.Owner) || doc["row_id"] != other {
		t.Errorf("conflict %v", doc)
	}
	o, _ = d.Decide(t, w.owner, id, decision, timeclock.Reject)
	w.must(t, d, o, op.Accepted, "")
	o, _ = d.Decide(t, w.owner, timeclock.PunchID(op.NewID()), "", timeclock.Approve)
	w.must(t, d, o, op.Rejected, op.ReasonNotFound)
}

func staleEdit(t *testing.T, w *world) {
	id, d := w.punch(t, w.ann), w.desktop
	at := w.kiosk.Clock.Wall
	o, edit := d.Edit(t, w.owner, id, "", timeclock.Retime, timeclock.EditValues{At: &at})
	w.must(t, d, o, op.Accepted, "")
	o, stale := d.Edit(t, w.owner, id, "", timeclock.Void, timeclock.EditValues{})
	w.must(t, d, o, op.Conflict, op.ReasonStaleSeen)
	if _, doc := w.row(t, d, "punch_edit", stale); doc["effective"] != false {
		t.Errorf("edit on an unseen base is effective")
	}
	o, verdict := d.Decide(t, w.owner, id, edit, timeclock.Approve)
	w.must(t, d, o, op.Accepted, "")
	o, _ = d.Edit(t, w.owner, id, verdict, timeclock.Void, timeclock.EditValues{})
	w.must(t, d, o, op.Accepted, "") // makes the punch undecided again …
	o, _ = d.Decide(t, w.owner, id, verdict, timeclock.Approve)
	w.must(t, d, o, op.Conflict, op.ReasonStaleSeen) // … so that the same verdict is news
}

func addedTwice(t *testing.T, w *world) {
	d, at, kind := w.desktop, w.desktop.Clock.Wall, timeclock.Out
	id := timeclock.PunchID(op.NewID())
	values := timeclock.EditValues{At: &at, Kind: &kind, Employee: &w.ann}
	o, edit := d.Edit(t, w.owner, id, "", timeclock.Add, values)
	w.must(t, d, o, op.Accepted, "")
	o, _ = d.Edit(t, w.owner, id, "", timeclock.Add, values)
	w.must(t, d, o, op.Rejected, op.ReasonExists)
	near := at + timeclock.Micros((14 * time.Minute).Microseconds())
	o, _ = d.Edit(t, w.owner, timeclock.PunchID(op.NewID()), "", timeclock.Add, timeclock.EditValues{At: &near, Kind: &kind, Employee: &w.ann})
	w.must(t, d, o, op.Conflict, op.ReasonExists)
	far := at + timeclock.Micros((16 * time.Minute).Microseconds())
	o, _ = d.Edit(t, w.owner, timeclock.PunchID(op.NewID()), "", timeclock.Add, timeclock.EditValues{At: &far, Kind: &kind, Employee: &w.ann})
	w.must(t, d, o, op.Accepted, "")
	o, _ = d.Decide(t, w.owner, id, edit, timeclock.Approve) // an added punch is decided like any other
	w.must(t, d, o, op.Accepted, "")
}

func unknownEmployee(t *testing.T, w *world) {
	o, id := w.kiosk.Punch(t, "nobody", timeclock.In)
	w.must(t, w.kiosk, o, op.Quarantined, op.ReasonUnknownEmp)
	if _, ok := w.rows(t, w.kiosk, 0)["punch/"+string(id)]; ok {
		t.Error("a quarantined punch stands among the punches")
	}
	if n := w.count(t, "SELECT count(*) FROM op WHERE op_id = $1 AND body = $2", o.ID, o.Body); n != 1 {
		t.Error("the log does not hold its body")
	}
}

func punchIDUsedOnce(t *testing.T, w *world) {
	b := w.kiosk.PunchBody(w.ann, timeclock.In)
	w.must(t, w.kiosk, w.kiosk.Chain(t, nil, op.PunchAdd, b, nil), op.Accepted, "")
	w.must(t, w.kiosk, w.kiosk.Chain(t, nil, op.PunchAdd, b, nil), op.Accepted, "") // the same body, as after a re-enrolment
	b.Kind = timeclock.Out
	w.must(t, w.kiosk, w.kiosk.Chain(t, nil, op.PunchAdd, b, nil), op.Rejected, op.ReasonIDReused)
	if n := w.count(t, "SELECT count(*) FROM punch"); n != 1 {
		t.Errorf("%d punches, want 1", n)
	}
}

func twin(t *testing.T, w *world) {
	w.punch(t, w.ann)
	w.pass(50 * time.Second)
	other := NewDevice(t, w.store, w.company, timeclock.Kiosk, w.clock.now())
	flags := func(d *Device, e timeclock.EmployeeID) any {
		o, id := d.Punch(t, e, timeclock.In)
		w.must(t, d, o, op.Accepted, "")
		_, doc := w.row(t, d, "punch", string(id))
		return doc["flags"]
	}
	if got := flags(other, w.ann); got != string(timeclock.TwinOf) {
		t.Errorf("flags %q, want twin_of", got)
	}
	if got := flags(other, w.bob); got != "" {
		t.Errorf("flags of another person %q, want none", got)
	}
	if got := flags(w.kiosk, w.bob); got != string(timeclock.TwinOf) {
		t.Errorf("flags %q, want twin_of", got)
	}
	other.Tick(2 * time.Minute)
	if got := flags(other, w.ann); got != "" {
		t.Errorf("flags two minutes later %q, want none", got)
	}
}

// credential builds a PIN's op with its sealed bytes.
func (w *world) credential(t *testing.T, id string, rev int64, sealed []byte) op.Op {
	t.Helper()
	d := w.desktop
	b := op.PutBody{Head: w.owner.head(), ID: id, BaseRev: rev, Clock: d.Clock,
		Set: map[string]any{"employee_id": string(w.ann), "kind": "pin", "label": "PIN"}}
	b.SealedDigest = op.SealedDigest(b.Salt, sealed)
	return d.Chain(t, w.owner, op.Put("credential"), b, sealed)
}

func sealedBytes(t *testing.T, w *world) {
	id, sealed := op.NewID(), []byte("age ciphertext")
	w.must(t, w.desktop, w.credential(t, id, 0, sealed), op.Accepted, "")
	if _, doc := w.row(t, w.kiosk, "credential", id); !bytes.Equal(doc["sealed"].([]byte), sealed) {
		t.Errorf("the kiosk got %q", doc["sealed"])
	}
	if _, doc := w.row(t, w.desktop, "credential", id); len(doc["sealed"].([]byte)) != 0 {
		t.Errorf("the desktop got %q", doc["sealed"])
	}
	if n := w.count(t, "SELECT count(*) FROM op WHERE body LIKE '%ciphertext%'"); n != 0 {
		t.Error("the log holds sealed bytes")
	}
	o := w.credential(t, op.NewID(), 0, sealed)
	o.Sealed = []byte("other bytes")
	w.must(t, w.desktop, o, op.Rejected, op.ReasonBadBody)
}

func pullEqualsSnapshot(t *testing.T, w *world) {
	busyDay(t, w)
	for _, d := range []*Device{w.kiosk, w.desktop} {
		pulled := w.rows(t, d, 3)
		if !reflect.DeepEqual(pulled, w.rows(t, d, 0)) {
			t.Error("pages of 3 and one page differ")
		}
		for _, newest := range []bool{false, true} {
			if got := w.snapshot(t, d, newest); !reflect.DeepEqual(got, pulled) {
				t.Errorf("snapshot has %d rows, pull %d, or they differ", len(got), len(pulled))
			}
		}
	}
	if _, ok := w.rows(t, w.kiosk, 0)["membership/"+string(w.company.Owner)]; ok {
		t.Error("a kiosk got a membership")
	}
}

func (w *world) snapshot(t *testing.T, d *Device, newest bool) map[string]op.Row {
	t.Helper()
	dev, err := w.store.Device(t.Context(), d.Company, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]op.Row{}
	for page := (store.Page{Limit: 4, Newest: newest}); ; {
		a, err := w.store.Snapshot(t.Context(), dev, page)
		if err != nil {
			t.Fatal(err)
		}
		if (a.AsOf != "") != (page.After == "") {
			t.Errorf("as_of %q on the page after %q", a.AsOf, page.After)
		}
		for _, r := range a.Rows {
			if _, twice := all[r.Table+"/"+r.ID]; twice {
				t.Errorf("row %s/%s twice", r.Table, r.ID)
			}
			all[r.Table+"/"+r.ID] = r
		}
		if page.After = a.After; a.After == "" {
			return all
		}
	}
}

func resync(t *testing.T, w *world) {
	dev, err := w.store.Device(t.Context(), w.kiosk.Company, w.kiosk.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, epoch, err := w.store.HeadSeq(t.Context(), w.company.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, cursor := range []string{"other.0", epoch + ".999999", "", "x", epoch + ".-1"} {
		if _, err := w.store.Pull(t.Context(), dev, cursor, 0); !errors.Is(err, store.ErrResync) {
			t.Errorf("cursor %q: %v, want ErrResync", cursor, err)
		}
	}
	w.exec(t, "UPDATE company_seq SET horizon_seq = 2")
	if _, err := w.store.Pull(t.Context(), dev, epoch+".1", 0); !errors.Is(err, store.ErrResync) {
		t.Errorf("cursor before the horizon: %v, want ErrResync", err)
	}
}

// busyDay leaves rows of every kind: accepted, rejected, conflicting, quarantined.
func busyDay(t *testing.T, w *world) {
	t.Helper()
	d := w.desktop
	sameFieldConflicts(t, w)
	staleEdit(t, w)
	addedTwice(t, w)
	kioskWithoutGrant(t, w)
	id := op.NewID()
	w.must(t, d, w.credential(t, id, 0, []byte("old")), op.Accepted, "")
	w.must(t, d, w.credential(t, id, 1, []byte("new")), op.Accepted, "")
	unknownEmployee(t, w)
	w.kiosk.Clock.Wall -= timeclock.Micros(time.Hour.Microseconds())
	var ops []op.Op
	for range 12 {
		w.pass(time.Minute)
		o, _ := w.kiosk.Punch(t, w.bob, timeclock.In)
		ops = append(ops, o)
	}
	if _, err := w.kiosk.Push(w.store, ops...); err != nil {
		t.Fatal(err)
	}
	b := op.IncidentBody{Head: op.NewHead(string(w.kiosk.ID), ""), ID: op.NewID(), Kind: timeclock.PINWait, Employee: w.ann}
	w.must(t, w.kiosk, w.kiosk.Chain(t, nil, op.IncidentAdd, b, nil), op.Accepted, "")
	w.put(t, "employee", string(w.bob), 1, map[string]any{"deleted": true})
}

func rebuild(t *testing.T, w *world) {
	busyDay(t, w)
	kiosk, desktop := w.rows(t, w.kiosk, 0), w.rows(t, w.desktop, 0)
	if err := w.store.Rebuild(t.Context(), w.company.ID); err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]map[string]op.Row{
		"kiosk":   {kiosk, w.rows(t, w.kiosk, 0)},
		"desktop": {desktop, w.rows(t, w.desktop, 0)},
	} {
		for key, r := range pair[0] {
			if !reflect.DeepEqual(r, pair[1][key]) {
				t.Errorf("%s: %s was %s, rebuilt %s", what, key, r.Doc, pair[1][key].Doc)
			}
		}
		if len(pair[0]) != len(pair[1]) {
			t.Errorf("%s: %d rows, rebuilt %d", what, len(pair[0]), len(pair[1]))
		}
	}
	if _, err := w.store.Verify(t.Context(), w.company.ID); err != nil {
		t.Error(err)
	}
	w.exec(t, "UPDATE op SET status = 'accepted' WHERE status = 'conflict'")
	if err := w.store.Rebuild(t.Context(), w.company.ID); !errors.Is(err, store.ErrLogDiffers) {
		t.Errorf("a changed fate: %v, want ErrLogDiffers", err)
	}
}
