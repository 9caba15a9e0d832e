package localdb_test

import (
	"testing"
	"time"

	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

func TestAnIncidentIsKeptAndSent(t *testing.T) {
	d := newDevice(t)
	wantErr(t, d.ReportIncident(t.Context(), timeclock.Incident{Kind: "fire"}), localdb.ErrInvalid)
	wantErr(t, d.ReportIncident(t.Context(), timeclock.Incident{Kind: timeclock.PINReopened, Employee: anna}), localdb.ErrInvalid)
	if err := d.ReportIncident(t.Context(), timeclock.Incident{Kind: timeclock.PINClosed, Employee: anna, Detail: "5 in an hour"}); err != nil {
		t.Fatal(err)
	}
	got := must(d.Incidents(t.Context(), timeclock.MicrosOf(start)))(t)
	if len(got) != 1 || got[0].Device != deviceA || got[0].Employee != anna || got[0].At != timeclock.MicrosOf(start) {
		t.Errorf("incidents = %+v", got)
	}
	if later := must(d.Incidents(t.Context(), timeclock.MicrosOf(start)+1))(t); len(later) != 0 {
		t.Errorf("incidents since later = %+v, want none", later)
	}
	if ops := d.outbox(); len(ops) != 1 || ops[0].Kind != op.IncidentAdd || ops[0].ASig != nil {
		t.Errorf("ops = %+v, want one incident without a grant", ops)
	}
}

func TestAPersonReopensAPIN(t *testing.T) {
	d := newDevice(t)
	d.pull("1.1", employeeRow(t, anna, "12", "Anna", 1, 1))
	lead := d.actor(timeclock.Lead)
	wantErr(t, d.ReopenPIN(t.Context(), nil, anna), localdb.ErrNoGrant)
	wantErr(t, d.ReopenPIN(t.Context(), d.actor(timeclock.Member), anna), localdb.ErrForbidden)
	wantErr(t, d.ReopenPIN(t.Context(), lead, bert), localdb.ErrNotFound)
	if ops := d.outbox(); len(ops) != 0 {
		t.Fatalf("refused actions left %d ops", len(ops))
	}
	d.pass(time.Minute)
	if err := d.ReopenPIN(t.Context(), lead, anna); err != nil {
		t.Fatal(err)
	}
	got := must(d.Incidents(t.Context(), 0))(t)
	if len(got) != 1 || got[0].Kind != timeclock.PINReopened || got[0].Employee != anna || got[0].At != timeclock.MicrosOf(d.wall) {
		t.Errorf("incidents = %+v, want Anna's PIN opened now", got)
	}
	ops := d.outbox()
	if len(ops) != 1 || ops[0].Kind != op.IncidentAdd || !op.VerifyAct(lead.Grant.ActorKey, company, deviceA, ops[0]) {
		t.Fatalf("ops = %+v, want one incident signed by the actor", ops)
	}
	var body op.IncidentBody
	if err := op.Decode(ops[0].Body, &body); err != nil || body.By != string(member) || body.Grant != lead.Grant.ID {
		t.Errorf("body = %+v, %v, want the member's under the grant", body, err)
	}
}
