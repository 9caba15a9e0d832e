package desktop_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"clockface/assets"
	"clockface/desktop"
	"clockface/desktop/desktoptest"
	"clockface/timeclock"
)

// rig is a desk at the test company with an actor of some role signed in.
type rig struct {
	*desktop.Desk
	t       *testing.T
	replica *desktoptest.Replica
	memory  *desktoptest.Memory
	door    *desktoptest.Door
}

func newRig(t *testing.T, r *desktoptest.Replica, role timeclock.Role) *rig {
	t.Helper()
	c, err := assets.LoadCatalogue("desktop")
	if err != nil {
		t.Fatal(err)
	}
	g := &rig{t: t, replica: r, memory: &desktoptest.Memory{}}
	g.door = &desktoptest.Door{Open: true, Actor: desktoptest.Actor{On: r, Person: "Olga Owner", As: role},
		Login: "olga", Password: "secret"}
	g.Desk = desktop.New(desktop.Options{Replica: r, Door: g.door, Memory: g.memory, Texts: c.For("en"), Now: r.Now})
	if err := g.Resume(context.Background()); err != nil {
		t.Fatal(err)
	}
	g.refresh()
	return g
}

func (g *rig) refresh() {
	g.t.Helper()
	if err := g.Refresh(context.Background()); err != nil {
		g.t.Fatal(err)
	}
}

// row returns the row of a punch, or fails.
func (g *rig) row(id timeclock.PunchID) desktop.Row {
	g.t.Helper()
	v := g.Inbox()
	i := v.Find(string(id))
	if i < 0 {
		g.t.Fatalf("no row %s in the inbox", id)
	}
	return v.Row(i)
}

func (g *rig) status(id timeclock.PunchID) timeclock.Status {
	g.t.Helper()
	e, err := g.replica.Entry(context.Background(), id)
	if err != nil {
		g.t.Fatal(err)
	}
	return e.Status
}

func TestInboxStandsWorstFirst(t *testing.T) {
	g := newRig(t, desktoptest.Company(), timeclock.Owner)
	v := g.Inbox()
	for i := range v.Len() {
		r := v.Row(i)
		t.Logf("%d %s | %s | %s | %s | %s | %s", r.Severity, r.Problem, r.Person, r.When, r.Kind, r.How, r.Sync)
	}
	t.Log(v.Headline, "|", v.Summary, "|", v.ApproveAll)
	_ = errors.New
	_ = strings.ToLower
	_ = time.Now
}
