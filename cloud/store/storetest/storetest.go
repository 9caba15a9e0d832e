// Package storetest is the conformance suite of cloud/store: the same rules on
// every engine. [Run] takes a function that opens a fresh, empty database; the
// [Device] plays kiosks and desktops against a store and may be used by tests of
// the server above it.
package storetest

import (
	"context"
	"database/sql"
	"sync/atomic"
	"testing"
	"time"

	"clockface/cloud/keys"
	"clockface/cloud/store"
	"clockface/sync/op"
	"clockface/timeclock"
)

// Open opens a store over an empty database, and that database itself, with the
// placeholders of the store's SQL, so that a test can look and tamper.
type Open func(t testing.TB, cfg store.Config) (*store.Store, *sql.DB)

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		rule string
		test func(t *testing.T, w *world)
	}{
		{"a push that comes again gets the same answer and changes nothing", replayIsHarmless},
		{"a gap is refused with the last number", gapIsRefused},
		{"another op under a known number breaks the chain", otherOpBreaksChain},
		{"a false hash breaks the chain and stops the device", falseHashStopsDevice},
		{"a false device signature breaks the chain", falseSignatureBreaksChain},
		{"an op id has one place in the log", opIDHasOnePlace},
		{"a forged act is rejected no_grant", forgedActIsRejected},
		{"a grant of another device is rejected no_grant", foreignGrantIsRejected},
		{"an author who is not the grant's member is rejected", authorMustBeMember},
		{"an expired grant is judged at the time of the change", expiredGrant},
		{"a new password revokes grants and ends the token", passwordRevokes},
		{"a person without the right is rejected forbidden", rightIsNeeded},
		{"only an owner makes an owner", onlyOwnersMakeOwners},
		{"a kiosk without a grant may do no more than its own", kioskWithoutGrant},
		{"a desktop may not punch without a grant", desktopNeedsGrant},
		{"a PIN is opened again by a person with the right, of the own company, and by nothing else", pinIsReopened},
		{"ids of another company are not found", companiesAreApart},
		{"puts of different fields merge", disjointPutsMerge},
		{"puts of the same field conflict and the cloud's row stays", sameFieldConflicts},
		{"a put on a deleted row conflicts, a restore does not", deletedRow},
		{"a put of a missing row is not found, of an existing one exists", missingAndExisting},
		{"an employee number is one person's", numberIsOnes},
		{"bad bodies, unknown kinds and fields are rejected and kept", badBodies},
		{"a verdict on an unseen base conflicts, the same verdict does not", staleVerdict},
		{"an edit on an unseen base has no effect", staleEdit},
		{"a forgotten punch added twice conflicts", addedTwice},
		{"a punch of an unknown employee is quarantined", unknownEmployee},
		{"a revoked device's punch is quarantined, the rest is not taken", revokedDevice},
		{"a punch id is used once", punchIDUsedOnce},
		{"a punch seen on two devices is flagged", twin},
		{"times are anchored to the server", anchoredTimes},
		{"one op that fails alone does not block its device", poisonedOp},
		{"who waits too long for the company is told to come again", heldCompany},
		{"sealed bytes are kept in the row alone and given to kiosks alone", sealedBytes},
		{"sequence order is commit order under concurrent pushes", commitOrder},
		{"pull in pages and snapshot tell the same", pullEqualsSnapshot},
		{"a cursor of another epoch or from the future asks for a resync", resync},
		{"the tables can be rebuilt from the log", rebuild},
		{"a tampered log is found", tampered},
		{"an enrol code works once, for its profile, in its time", enrolCodes},
		{"every device of the company learns the name of an enrolled one", deviceIsNamed},
		{"an account is found by login and token only while they hold", accounts},
	} {
		t.Run(c.rule, func(t *testing.T) { c.test(t, newWorld(t, open)) })
	}
}

// world is a company with a kiosk, a desktop whose owner is signed in, and two
// employees.
type world struct {
	store   *store.Store
	db      *sql.DB
	clock   *clock
	company store.Company
	kiosk   *Device
	desktop *Device
	owner   *Actor
	ann     timeclock.EmployeeID
	bob     timeclock.EmployeeID
}

// clock is the server's time, in microseconds; a test moves it.
type clock struct{ us atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMicro(c.us.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.us.Add(d.Microseconds()) }

func newWorld(t *testing.T, open Open) *world {
	t.Helper()
	ring, err := keys.FromSeed(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{clock: &clock{}}
	w.clock.us.Store(time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC).UnixMicro())
	w.store, w.db = open(t, store.Config{Keys: ring, Now: w.clock.now})
	w.company = w.newCompany(t, "Bright Bakery")
	w.kiosk = NewDevice(t, w.store, w.company, timeclock.Kiosk, w.clock.now())
	w.desktop = NewDevice(t, w.store, w.company, timeclock.Desktop, w.clock.now())
	w.owner = SignIn(t, w.store, w.desktop)
	w.ann = timeclock.EmployeeID(w.put(t, "employee", op.NewID(), 0, map[string]any{"name": "Ann Ames", "number": "101", "active": true}))
	w.bob = timeclock.EmployeeID(w.put(t, "employee", op.NewID(), 0, map[string]any{"name": "Bob Bell", "number": "102", "active": true}))
	return w
}

func (w *world) newCompany(t *testing.T, name string) store.Company {
	t.Helper()
	c, err := w.store.CreateCompany(t.Context(), store.NewCompany{Name: name, Site: "Main site", Zone: "Europe/Berlin",
		RepeatWindow: 2 * time.Minute, OwnerName: "Olga Owner"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// put writes a row as the owner and returns its id.
func (w *world) put(t *testing.T, table, id string, rev int64, set map[string]any) string {
	t.Helper()
	w.must(t, w.desktop, w.desktop.Put(t, w.owner, table, id, rev, set, nil), op.Accepted, "")
	return id
}

// must pushes one op and requires its fate.
func (w *world) must(t *testing.T, d *Device, o op.Op, status op.Status, reason string) op.Result {
	t.Helper()
	a, err := d.Push(w.store, o)
	if err != nil {
		t.Fatalf("push %s: %v", o.Kind, err)
	}
	if len(a.Results) != 1 || a.Results[0].Status != status || a.Results[0].Reason != reason {
		t.Fatalf("%s: got %+v, want %s %q", o.Kind, a.Results, status, reason)
	}
	return a.Results[0]
}

// punch records a punch of that person at the kiosk.
func (w *world) punch(t *testing.T, e timeclock.EmployeeID) timeclock.PunchID {
	t.Helper()
	o, id := w.kiosk.Punch(t, e, timeclock.In)
	w.must(t, w.kiosk, o, op.Accepted, "")
	return id
}

// pass lets time pass everywhere.
func (w *world) pass(d time.Duration) {
	w.clock.advance(d)
	w.kiosk.Tick(d)
	w.desktop.Tick(d)
}

// rows returns all that a device gets by pulling from the start, newest version
// of each row, by "table/id".
func (w *world) rows(t *testing.T, d *Device, page int) map[string]op.Row {
	t.Helper()
	dev, err := w.store.Device(t.Context(), d.Company, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, epoch, err := w.store.HeadSeq(t.Context(), d.Company)
	if err != nil {
		t.Fatal(err)
	}
	all, last := map[string]op.Row{}, int64(0)
	for cursor := epoch + ".0"; ; {
		a, err := w.store.Pull(t.Context(), dev, cursor, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range a.Rows {
			if r.Seq <= last {
				t.Fatalf("row %s/%s has seq %d after %d", r.Table, r.ID, r.Seq, last)
			}
			last = r.Seq
			all[r.Table+"/"+r.ID] = r
		}
		cursor = a.Cursor
		if !a.More {
			return all
		}
	}
}

// row returns a row as that device gets it, with its columns.
func (w *world) row(t *testing.T, d *Device, table, id string) (op.Row, map[string]any) {
	t.Helper()
	r, ok := w.rows(t, d, 0)[table+"/"+id]
	if !ok {
		return r, nil
	}
	tbl, _ := op.TableByName(table)
	doc, err := tbl.ParseDoc(r.Doc)
	if err != nil {
		t.Fatal(err)
	}
	return r, doc
}

// count returns the number of rows that a query finds.
func (w *world) count(t *testing.T, text string, args ...any) int {
	t.Helper()
	n := 0
	if err := w.db.QueryRowContext(context.Background(), text, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *world) exec(t *testing.T, text string, args ...any) {
	t.Helper()
	if _, err := w.db.ExecContext(context.Background(), text, args...); err != nil {
		t.Fatal(err)
	}
}
