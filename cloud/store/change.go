package store

import (
	"encoding/json"
	"strings"

	"clockface/sync/op"
	"clockface/timeclock"
)

// maxID is the longest id that is taken, in bytes.
const maxID = 64

// change is an op on its way through apply: what it says, where it stands, and
// in the end what became of it.
type change struct {
	op    op.Op
	sha   [32]byte
	head  op.Head
	stamp op.Clock

	// One of these is set, unless unreadable is.
	punch      *op.PunchBody
	edit       *op.EditBody
	decision   *op.DecisionBody
	incident   *op.IncidentBody
	put        *op.PutBody
	table      op.Table
	set, was   map[string]any // of a put, in the columns' Go types
	unreadable string         // the reason why it cannot be applied

	// Set by the batch that it comes with.
	h       []byte
	seq     int64
	recv    timeclock.Micros
	at      timeclock.Micros
	source  string
	suspect bool
	sealed  []byte

	fate fate
}

// fate is what became of an op.
type fate struct {
	status op.Status
	reason string
	row    *op.Row // the server's row, for a put
}

func accepted() fate               { return fate{status: op.Accepted} }
func rejected(reason string) fate  { return fate{status: op.Rejected, reason: reason} }
func conflicts(reason string) fate { return fate{status: op.Conflict, reason: reason} }

// quarantined keeps worked time that cannot be booked: the op stays in the log.
func quarantined(reason string) fate { return fate{status: op.Quarantined, reason: reason} }

// refuse is the fate of an op that cannot be applied whatever its author's
// rights: rejected, but worked time is kept for a person to look at.
func (c *change) refuse(reason string) {
	c.fate = rejected(reason)
	if c.op.Kind == op.PunchAdd {
		c.fate = quarantined(reason)
	}
}

// readChange understands an op as far as that needs no database.
func readChange(o op.Op) *change {
	c := &change{op: o, sha: op.BodySHA(o.Body)}
	if strings.Contains(o.Body, `\u0000`) {
		c.unreadable = op.ReasonBadBody // PostgreSQL keeps no NUL in a text
		return c
	}
	c.unreadable = c.read()
	if c.head.By == "" {
		// The log names the author of what cannot be understood, too. A body that
		// is no object at all has none.
		_ = json.Unmarshal([]byte(o.Body), &c.head)
	}
	return c
}

// read fills the body in and returns the reason why it cannot be understood.
func (c *change) read() string {
	var into any
	var begin *op.Head
	var id string
	switch c.op.Kind {
	case op.PunchAdd:
		c.punch = &op.PunchBody{}
		into, begin = c.punch, &c.punch.Head
	case op.PunchEditAdd:
		c.edit = &op.EditBody{}
		into, begin = c.edit, &c.edit.Head
	case op.PunchDecisionAdd:
		c.decision = &op.DecisionBody{}
		into, begin = c.decision, &c.decision.Head
	case op.IncidentAdd:
		c.incident = &op.IncidentBody{}
		into, begin = c.incident, &c.incident.Head
	default:
		t, ok := c.op.Kind.PutTable()
		if !ok {
			return op.ReasonUnknownKind
		}
		c.table, c.put = t, &op.PutBody{}
		into, begin = c.put, &c.put.Head
	}
	if err := op.Decode(c.op.Body, into); err != nil {
		return op.ReasonBadBody
	}
	c.head = *begin
	id, c.stamp = c.identity()
	if id == "" || len(id) > maxID || c.head.Salt == "" || c.head.By == "" {
		return op.ReasonBadBody
	}
	return c.check()
}

// identity returns the id of the row that the change is about and the moment at
// which it was made.
func (c *change) identity() (string, op.Clock) {
	switch {
	case c.punch != nil:
		return string(c.punch.ID), c.punch.Clock
	case c.edit != nil:
		return c.edit.ID, c.edit.Clock
	case c.decision != nil:
		return c.decision.ID, c.decision.Clock
	case c.incident != nil:
		return c.incident.ID, c.incident.Clock
	}
	return c.put.ID, c.put.Clock
}

// check holds the body to the rules that need no other row.
func (c *change) check() string {
	bad := false
	switch {
	case c.punch != nil:
		p := c.punch
		bad = p.Employee == "" || !p.Kind.Valid() || !p.Method.Valid() || p.Confidence < 0 || p.Confidence > 1 || p.Wall <= 0
	case c.edit != nil:
		bad = !validEdit(*c.edit)
	case c.decision != nil:
		bad = c.decision.Punch == "" || !c.decision.Verdict.Valid()
	case c.incident != nil:
		bad = !c.incident.Kind.Valid() || c.incident.Kind == timeclock.PINReopened && c.incident.Employee == ""
	case c.put != nil:
		return c.checkPut()
	}
	if bad {
		return op.ReasonBadBody
	}
	return ""
}

func validEdit(e op.EditBody) bool {
	v := e.Values
	if v.Kind != nil && !v.Kind.Valid() {
		return false
	}
	switch e.What {
	case timeclock.Retime:
		return e.Punch != "" && v.At != nil
	case timeclock.Void, timeclock.Change:
		return e.Punch != ""
	case timeclock.Add:
		return e.Punch != "" && v.At != nil && v.Kind != nil && v.Employee != nil
	}
	return false
}

func (c *change) checkPut() string {
	for name := range c.put.Set {
		if _, ok := c.table.Column(name); !ok && name != "deleted" {
			return op.ReasonUnknownField
		}
	}
	var err error
	if c.set, err = c.table.Fields(c.put.Set); err != nil {
		return op.ReasonBadBody
	}
	if c.was, err = c.table.Fields(c.put.Was); err != nil {
		return op.ReasonBadBody
	}
	if c.put.BaseRev < 0 || !validFields(c.table, c.set) {
		return op.ReasonBadBody
	}
	if _, takesSealed := c.table.Column("sealed"); c.put.SealedDigest != "" && !takesSealed {
		return op.ReasonBadBody
	}
	return ""
}

// takeSealed accepts the bytes beside the body where they are those that the
// body vouches for. It reports false for others; none at all are others, too.
func (c *change) takeSealed(sealed []byte) bool {
	if c.put == nil || c.put.SealedDigest == "" {
		return true
	}
	if c.put.SealedDigest != op.SealedDigest(c.head.Salt, sealed) {
		return false
	}
	c.sealed = sealed
	return true
}

// stamped sets the time at which the change was made.
func (c *change) stamped(a op.Anchor) {
	c.at, c.source, c.suspect = a.At(c.stamp)
}
