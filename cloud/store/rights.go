package store

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"clockface/sync/op"
	"clockface/timeclock"
)

// selfServiceFor is how long after a punch a kiosk may still change it without
// anybody signed in.
const selfServiceFor = timeclock.Micros(10 * time.Minute / time.Microsecond)

// authorize decides whether the author of a change may make it and returns the
// reason when not. With a grant the person is checked: the grant itself at the
// time of the change, its revocation and the person's role as they stand now.
// Without one only what a kiosk does by itself is allowed.
func (a *applier) authorize(ctx context.Context, c *change) (reason string, err error) {
	switch {
	case a.device.Profile == timeclock.Cloud:
		if c.head.By != string(a.device.ID) {
			return op.ReasonForbidden, nil
		}
		return "", nil
	case c.head.Grant == "":
		return a.selfService(ctx, c)
	}
	g, found, err := grantByID(ctx, a.tx, a.company, c.head.Grant)
	if err != nil {
		return "", err
	}
	if !found || g.Device != a.device.ID || g.revokedUS != 0 || c.at > g.ExpiresUS ||
		!op.VerifyAct(ed25519.PublicKey(g.ActorKey), a.company, a.device.ID, c.op) {
		return op.ReasonNoGrant, nil
	}
	if c.head.By != string(g.Membership) {
		return op.ReasonForbidden, nil
	}
	m, err := memberByID(ctx, a.tx, a.company, g.Membership)
	if err != nil {
		return "", err
	}
	if !m.active || !timeclock.May(m.role, c.needs()) {
		return op.ReasonForbidden, nil
	}
	if c.incident != nil && c.incident.Kind != timeclock.PINReopened {
		return op.ReasonForbidden, nil // the others are what a kiosk notices, not what a person does
	}
	if c.put != nil && c.table.Name == "membership" && m.role != timeclock.Owner {
		return a.spareOwners(ctx, c)
	}
	return "", nil
}

// needs returns the right that the change needs of a person.
func (c *change) needs() timeclock.Action {
	switch {
	case c.punch != nil:
		return timeclock.AddPunch
	case c.edit != nil:
		return timeclock.EditPunch
	case c.decision != nil:
		return timeclock.DecidePunch
	case c.incident != nil:
		return timeclock.ReopenPIN
	}
	return c.table.Write
}

// spareOwners keeps everybody but an owner from making or changing an owner.
func (a *applier) spareOwners(ctx context.Context, c *change) (string, error) {
	if c.set["role"] == string(timeclock.Owner) {
		return op.ReasonForbidden, nil
	}
	m, err := memberByID(ctx, a.tx, a.company, timeclock.MembershipID(c.put.ID))
	if err != nil {
		return "", err
	}
	if m.role == timeclock.Owner {
		return op.ReasonForbidden, nil
	}
	return "", nil
}

// selfService decides on a change without a grant.
func (a *applier) selfService(ctx context.Context, c *change) (string, error) {
	if a.device.Profile != timeclock.Kiosk && a.device.Profile != timeclock.Terminal {
		return op.ReasonNoGrant, nil
	}
	if c.punch != nil {
		if c.head.By != string(c.punch.Employee) {
			return op.ReasonForbidden, nil
		}
		return "", nil
	}
	if c.head.By != string(a.device.ID) {
		return op.ReasonForbidden, nil
	}
	switch {
	case c.incident != nil:
		if c.incident.Kind == timeclock.PINReopened { // by a person only
			return op.ReasonNoGrant, nil
		}
		return "", nil
	case c.edit != nil:
		return a.selfEdit(ctx, c)
	case c.put != nil && c.table.Name == "company_key" && c.put.BaseRev == 0:
		var n int
		if _, err := one(ctx, a.tx, "SELECT count(*) FROM company_key WHERE company_id = $1", []any{string(a.company)}, &n); err != nil {
			return "", fmt.Errorf("count company keys: %w", err)
		}
		if n == 0 {
			return "", nil
		}
	}
	return op.ReasonNoGrant, nil
}

// selfEdit decides on a kiosk's own edit: of its own punch, soon after it, and
// no more than the cause stands for.
func (a *applier) selfEdit(ctx context.Context, c *change) (string, error) {
	e := c.edit
	v := e.Values
	asCaused := false
	switch e.Cause {
	case timeclock.NotMe:
		asCaused = e.What == timeclock.Void && v == timeclock.EditValues{}
	case timeclock.OtherDirection:
		asCaused = e.What == timeclock.Change && v.Kind != nil && v.At == nil && v.Employee == nil && v.Voided == nil
	case timeclock.LateReason:
		asCaused = e.What == timeclock.Change && v == timeclock.EditValues{}
	}
	if !asCaused {
		return op.ReasonNoGrant, nil
	}
	var by string
	var at int64
	found, err := one(ctx, a.tx, "SELECT device_id, at_us FROM punch WHERE company_id = $1 AND id = $2",
		[]any{string(a.company), string(e.Punch)}, &by, &at)
	if err != nil {
		return "", fmt.Errorf("read punch %s: %w", e.Punch, err)
	}
	since := c.at - timeclock.Micros(at)
	switch {
	case !found:
		return op.ReasonNotFound, nil
	case by != string(a.device.ID), since > selfServiceFor, since < -selfServiceFor:
		return op.ReasonNoGrant, nil
	}
	return "", nil
}

// member is what rights need of a membership; the zero value is no member.
type member struct {
	role   timeclock.Role
	name   string
	active bool
}

// activeMember is the state of a membership that may act.
const activeMember = "active"

func memberByID(ctx context.Context, q querier, c timeclock.CompanyID, id timeclock.MembershipID) (member, error) {
	var role, state, name string
	var deleted bool
	found, err := one(ctx, q, "SELECT role, state, name, deleted FROM membership WHERE company_id = $1 AND id = $2",
		[]any{string(c), string(id)}, &role, &state, &name, &deleted)
	if err != nil {
		return member{}, fmt.Errorf("read membership %s: %w", id, err)
	}
	if !found {
		return member{}, nil
	}
	return member{role: timeclock.Role(role), name: name, active: !deleted && state == activeMember}, nil
}

// validFields checks values that the whole product relies on.
func validFields(t op.Table, set map[string]any) bool {
	for name, v := range set {
		text, _ := v.(string)
		switch t.Name + "." + name {
		case "site.zone":
			if _, err := time.LoadLocation(text); err != nil || text == "" || text == "Local" {
				return false
			}
		case "site.repeat_window_us":
			if n, _ := v.(int64); n < 0 {
				return false
			}
		case "membership.role":
			if !slices.Contains(timeclock.Roles(), timeclock.Role(text)) {
				return false
			}
		case "credential.kind":
			switch timeclock.CredentialKind(text) {
			case timeclock.FaceTemplate, timeclock.FingerTemplate, timeclock.Badge, timeclock.PIN:
			default:
				return false
			}
		}
	}
	return true
}
