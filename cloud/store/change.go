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
	stamp op.Stamp

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

// readChange understands an op as far as that needs no database.
func readChange(o op.Op) *change {
	c := &change{op: o, sha: op.BodySHA(o.Body)}
	if strings.Contains(o.Body, `\u0000`) {
		c.unreadable = op.ReasonBadBody // PostgreSQL keeps no NUL in a text
		return c
	}
	var begin struct {
		op.Head
		op.Stamp
	}
	// A body that is no object at all leaves these empty; reading it in full tells so below.
	_ = json.Unmarshal([]byte(o.Body), &begin)
	c.head, c.stamp = begin.Head, begin.Stamp
	c.unreadable = c.read()
	return c
}

// read fills the body in and returns the reason why it cannot be understood.
func (c *change) read() string {
	var into any
	var id *string
	switch c.op.Kind {
	case op.PunchAdd:
		c.punch = &op.PunchBody{}
		into, id = c.punch, (*string)(&c.punch.ID)
	case op.PunchEditAdd:
		c.edit = &op.EditBody{}
		into, id = c.edit, &c.edit.ID
	case op.PunchDecisionAdd:
		c.decision = &op.DecisionBody{}
		into, id = c.decision, &c.decision.ID
	case op.IncidentAdd:
		c.incident = &op.IncidentBody{}
		into, id = c.incident, &c.incident.ID
	default:
		t, ok := c.op.Kind.PutTable()
		if !ok {
			return op.ReasonUnknownKind
		}
		c.table, c.put = t, &op.PutBody{}
		into, id = c.put, &c.put.ID
	}
	if err := op.Decode(c.op.Body, into); err != nil {
		return op.ReasonBadBody
	}
	if *id == "" || len(*id) > maxID || c.head.Salt == "" || c.head.By == "" {
		return op.ReasonBadBody
	}
	return c.check()
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
		bad = !c.incident.Kind.Valid()
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
