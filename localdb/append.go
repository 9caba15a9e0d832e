package localdb

import (
	"fmt"

	"clockface/sync/op"
	"clockface/timeclock"
)

// position is where the device's chain stands inside a write transaction, and
// what an action needs to know of the device.
type position struct {
	company     timeclock.CompanyID
	device      timeclock.DeviceID
	site        timeclock.SiteID
	offsetKnown bool
	offset      timeclock.Micros // server − device
	n           int64            // of the newest op
	h           []byte           // chain hash there
}

// position returns where the chain stands. Another program may have appended to
// it since this one's last transaction, so it is read again unless SQLite's data
// version says that nobody has committed anything since.
func (t *tx) position() (*position, error) {
	if t.pos != nil {
		return t.pos, nil
	}
	p := t.w.last
	if p.device == "" || t.version != t.w.lastVersion {
		var err error
		if p, err = t.readPosition(); err != nil {
			return nil, err
		}
	}
	t.pos = &p
	return t.pos, nil
}

func (t *tx) readPosition() (position, error) {
	var p position
	err := t.queryRow(`SELECT company_id, device_id, site_id, offset_known, offset_us, coalesce(op.n, 0), op.h
		FROM meta LEFT JOIN op ON op.n = (SELECT max(n) FROM op)`).
		Scan(&p.company, &p.device, &p.site, &p.offsetKnown, &p.offset, &p.n, &p.h)
	if err != nil {
		return position{}, fmt.Errorf("read chain: %w", err)
	}
	if p.device == "" {
		return position{}, ErrNotEnrolled
	}
	return p, nil
}

// at is the time that counts until the cloud's anchored one comes back.
func (p *position) at(c op.Clock) timeclock.Micros { return c.Wall + p.offset }

// timeSource says how at was found.
func (p *position) timeSource() string {
	if p.offsetKnown {
		return "offset"
	}
	return "wall"
}

// newOp is what an action adds to the chain.
type newOp struct {
	id     string
	kind   op.Kind
	body   any // one of the op package's bodies
	sealed []byte
	table  string // of the row that it is about
	row    string
	actor  *Actor // nil without a grant
	made   timeclock.Micros
}

// append adds an op to the device's chain. The device's own signature is made a
// batch when it is sent; only the actor signs here.
func (t *tx) append(p *position, o newOp) error {
	body, err := op.Encode(o.body)
	if err != nil {
		return err
	}
	rec := op.Op{N: p.n + 1, ID: o.id, Kind: o.kind, Body: body, Sealed: o.sealed}
	if o.actor != nil {
		rec.ASig = op.SignAct(o.actor.key, p.company, p.device, o.id, o.kind, body)
	}
	h := op.ChainHash(p.h, p.company, p.device, rec)
	err = t.exec(`INSERT INTO op (n, op_id, kind, body, sealed, asig, h, tbl, row_id, state, made_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		rec.N, rec.ID, string(rec.Kind), body, rec.Sealed, rec.ASig, h, o.table, o.row, string(op.Queued), int64(o.made))
	if err != nil {
		return fmt.Errorf("append op %d: %w", rec.N, err)
	}
	p.n, p.h = rec.N, h
	return nil
}

// head begins a body in the actor's name.
func (a *Actor) head() op.Head { return op.NewHead(string(a.Grant.Membership), a.Grant.ID) }

// check returns why the actor cannot do the action from this device now.
func (a *Actor) check(p *position, at timeclock.Micros, action timeclock.Action) error {
	switch {
	case a == nil || a.key == nil:
		return ErrNoGrant
	case a.Grant.Company != p.company || a.Grant.Device != p.device:
		return fmt.Errorf("%w: the sign-in belongs to another device", ErrNoGrant)
	case at >= a.Grant.ExpiresUS:
		return ErrGrantExpired
	case !timeclock.May(a.Role, action):
		return fmt.Errorf("%w: %s may not %s", ErrForbidden, a.Role, action)
	}
	return nil
}
