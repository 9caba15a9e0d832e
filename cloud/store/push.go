package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"clockface/sync/op"
	"clockface/timeclock"
)

// seqsPerOp is how many sequence numbers an op gets: one for its row, one for a
// conflict that it may cause. The numbers increase; they are not dense.
const seqsPerOp = 2

// maxPoison is how many ops of one batch may fail on their own before the batch
// is given up.
const maxPoison = 16

// A Push is what a device sent, and when.
type Push struct {
	Company timeclock.CompanyID
	Device  timeclock.DeviceID
	Request op.PushRequest
	RecvUS  timeclock.Micros
	TS      timeclock.Micros // of the request's signature
}

// Push applies the ops of a device and answers with the fate of each. A push
// that was applied before is answered as it was then. The errors are ErrBadPush,
// *GapError, ErrChainBroken (the device is then suspect and nothing was
// applied), ErrDeviceRevoked, ErrNoDevice, ErrBusy and ErrUnreachable.
func (s *Store) Push(ctx context.Context, p Push) (op.PushAnswer, error) {
	if err := checkPush(p.Request); err != nil {
		return op.PushAnswer{}, err
	}
	b := &batch{store: s, Push: p, poison: map[int]bool{}}
	for _, o := range p.Request.Ops {
		c := readChange(o)
		if c.unreadable == "" && !c.takeSealed(o.Sealed) {
			c.unreadable = op.ReasonBadBody
		}
		b.changes = append(b.changes, c)
	}
	err := s.inTx(ctx, b.run)
	if failed(err) {
		err = s.pushSingly(ctx, b, err)
	}
	if errors.Is(err, ErrChainBroken) {
		s.log.Warn("chain broken", "company", p.Company, "device", p.Device, "why", err)
		err = errors.Join(err, s.suspect(ctx, p.Company, p.Device))
	}
	if err != nil {
		return op.PushAnswer{}, err
	}
	return b.answer, nil
}

func checkPush(r op.PushRequest) error {
	if len(r.Ops) > op.MaxOps {
		return fmt.Errorf("%w: %d ops, at most %d", ErrBadPush, len(r.Ops), op.MaxOps)
	}
	for i, o := range r.Ops {
		switch {
		case o.ID == "" || len(o.ID) > maxID:
			return fmt.Errorf("%w: op %d has no usable id", ErrBadPush, i)
		case strings.ContainsRune(o.ID, 0), strings.ContainsRune(string(o.Kind), 0), strings.ContainsRune(o.Body, 0):
			return fmt.Errorf("%w: op %d holds a NUL", ErrBadPush, i) // PostgreSQL keeps none in a text
		case o.N < 1 || i > 0 && o.N != r.Ops[i-1].N+1:
			return fmt.Errorf("%w: numbers of ops do not follow each other at %d", ErrBadPush, o.N)
		}
	}
	if n := len(r.Ops); n > 0 && r.Head.N != r.Ops[n-1].N {
		return fmt.Errorf("%w: head is %d, newest op is %d", ErrBadPush, r.Head.N, r.Ops[n-1].N)
	}
	return nil
}

// failed reports whether a batch failed for a reason that one bad op may be.
func failed(err error) bool {
	var gap *GapError
	for _, known := range []error{ErrChainBroken, ErrDeviceRevoked, ErrNoDevice, ErrNoCompany, ErrBusy, ErrUnreachable,
		context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return false
		}
	}
	return err != nil && !errors.As(err, &gap)
}

// pushSingly runs a batch that failed again, op by op inside one transaction.
// An op that fails is left out of the tables and keeps its place in the log, so
// that it never blocks its device.
func (s *Store) pushSingly(ctx context.Context, b *batch, err error) error {
	b.single = true
	for range maxPoison + 1 {
		s.log.Error("batch failed", "company", b.Company, "device", b.Device, "left_out", len(b.poison), "err", err)
		err = s.inTx(ctx, b.run)
		var bad *opError
		if !failed(err) || !errors.As(err, &bad) {
			return err
		}
		b.poison[bad.index] = true
	}
	return err
}

// opError says which op of a batch failed.
type opError struct {
	index int
	err   error
}

func (e *opError) Error() string { return fmt.Sprintf("op %d of the batch: %v", e.index, e.err) }
func (e *opError) Unwrap() error { return e.err }

// batch is one push in its transaction. run may be called again after a rollback.
type batch struct {
	store *Store
	Push
	changes []*change
	single  bool         // no bulk statements, so that a failure names its op
	poison  map[int]bool // places of ops that fail on their own

	device Device
	anchor op.Anchor
	answer op.PushAnswer
}

func (b *batch) run(ctx context.Context, t tx) error {
	first, err := t.takeSeqs(ctx, b.Company, len(b.changes)*seqsPerOp)
	if err != nil {
		return err
	}
	if b.device, err = deviceByID(ctx, t, b.Company, b.Device); err != nil {
		return err
	}
	if b.device.State == Suspect {
		return fmt.Errorf("%w: device is suspect", ErrChainBroken)
	}
	b.anchor = op.NewAnchor(b.Request.Now, b.RecvUS, b.TS, b.device.offset)
	b.answer = op.PushAnswer{ServerUS: b.RecvUS, LastN: b.device.LastN, MaxOps: op.MaxOps, Results: []op.Result{}}
	if len(b.changes) == 0 {
		return nil
	}
	if n := b.changes[0].op.N; n > b.device.LastN+1 {
		return &GapError{LastN: b.device.LastN}
	}
	known := min(int(b.device.LastN-b.changes[0].op.N)+1, len(b.changes))
	if err := b.verifyChain(known); err != nil {
		return err
	}
	if err := b.replay(ctx, t, b.changes[:known]); err != nil {
		return err
	}
	if known == len(b.changes) {
		return nil
	}
	fresh := b.changes[known:]
	if b.device.State == Revoked && !holdsPunch(fresh) {
		return ErrDeviceRevoked
	}
	for i, c := range fresh {
		c.seq, c.recv, c.fate = first+int64(i*seqsPerOp), b.RecvUS, fate{}
		c.stamped(b.anchor)
	}
	return b.apply(ctx, t, fresh, known)
}

// apply decides on the fresh ops, writes what they say and the log. offset is
// the place of the first of them in the batch.
func (b *batch) apply(ctx context.Context, t tx, fresh []*change, offset int) error {
	if err := t.refuseKnownOps(ctx, b.Company, fresh); err != nil {
		return err
	}
	a := newApplier(t, b.Company, b.device, b.single)
	for i, c := range fresh {
		if b.poison[offset+i] {
			c.refuse(op.ReasonInternal)
			continue
		}
		if err := a.apply(ctx, c); err != nil {
			return &opError{offset + i, err}
		}
	}
	if err := a.flush(ctx); err != nil {
		return err
	}
	if err := t.appendLog(ctx, b.Company, b.Device, fresh); err != nil {
		return err
	}
	if err := b.checkpoint(ctx, t); err != nil {
		return err
	}
	for _, c := range fresh {
		b.answer.Results = append(b.answer.Results, c.result())
	}
	b.answer.LastN = b.Request.Head.N
	return nil
}

func (c *change) result() op.Result {
	r := op.Result{ID: c.op.ID, Status: c.fate.status, Reason: c.fate.reason, Row: c.fate.row}
	if c.fate.status == op.Conflict {
		r.ConflictID = conflictID(c.op.ID)
	}
	return r
}

func holdsPunch(changes []*change) bool {
	for _, c := range changes {
		if c.op.Kind == op.PunchAdd {
			return true
		}
	}
	return false
}

// takeSeqs locks the company's counter row and returns the first of k sequence
// numbers. It is the first statement of every transaction that changes a
// company, so that commit order is sequence order.
func (t tx) takeSeqs(ctx context.Context, c timeclock.CompanyID, k int) (int64, error) {
	var last int64
	found, err := one(ctx, t, "UPDATE company_seq SET seq = seq + $2 WHERE company_id = $1 RETURNING seq",
		[]any{string(c), int64(k)}, &last)
	if err != nil {
		return 0, fmt.Errorf("take sequence numbers of company %s: %w", c, err)
	}
	if !found {
		return 0, fmt.Errorf("%w: %s", ErrNoCompany, c)
	}
	return last - int64(k) + 1, nil
}

// verifyChain recomputes the hashes of the fresh ops on top of the device's last
// one and checks the device's signature of the head.
func (b *batch) verifyChain(known int) error {
	prev := b.device.lastH
	for _, c := range b.changes[known:] {
		c.h = op.ChainHash(prev, b.Company, b.Device, c.op)
		prev = c.h
	}
	if known < len(b.changes) && !bytes.Equal(prev, b.Request.Head.H) {
		return fmt.Errorf("%w: head hash at %d is another", ErrChainBroken, b.Request.Head.N)
	}
	if !op.VerifyHead(ed25519.PublicKey(b.device.PublicKey), b.Request.Head, b.Request.Now) {
		return fmt.Errorf("%w: signature of head %d", ErrChainBroken, b.Request.Head.N)
	}
	return nil
}

// replay answers ops that were applied before from the log. Ops that differ from
// what the log holds break the chain.
func (b *batch) replay(ctx context.Context, t tx, changes []*change) error {
	if len(changes) == 0 {
		return nil
	}
	i := 0
	err := each(ctx, t, `SELECT n, op_id, kind, body_sha, asig, h, status, reason FROM op
		WHERE company_id = $1 AND device_id = $2 AND n BETWEEN $3 AND $4 ORDER BY n`,
		[]any{string(b.Company), string(b.Device), changes[0].op.N, changes[len(changes)-1].op.N},
		func(rows *sql.Rows) error {
			var n int64
			var id, kind, status, reason string
			var sha, asig, h []byte
			if err := rows.Scan(&n, &id, &kind, &sha, &asig, &h, &status, &reason); err != nil {
				return err
			}
			c := changes[i]
			if c.op.N != n || c.op.ID != id || string(c.op.Kind) != kind || !bytes.Equal(c.sha[:], sha) || !bytes.Equal(c.op.ASig, asig) {
				return fmt.Errorf("%w: op %d is another than before", ErrChainBroken, c.op.N)
			}
			if n == b.Request.Head.N && !bytes.Equal(h, b.Request.Head.H) {
				return fmt.Errorf("%w: hash of op %d is another than before", ErrChainBroken, n)
			}
			c.h, c.fate = h, fate{status: op.Status(status), reason: reason}
			i++
			return nil
		})
	if err != nil {
		return err
	}
	if i != len(changes) {
		return fmt.Errorf("%w: the log lacks op %d", ErrChainBroken, changes[i].op.N)
	}
	for _, c := range changes {
		if c.put != nil && c.unreadable == "" {
			if c.fate.row, err = t.answerRow(ctx, b.Company, c.table, c.put.ID, b.device.Profile); err != nil {
				return err
			}
		}
		b.answer.Results = append(b.answer.Results, c.result())
	}
	return nil
}

// refuseKnownOps breaks the chain of a device that brings an op id again under
// another number: an op id has one place in a company's log.
func (t tx) refuseKnownOps(ctx context.Context, c timeclock.CompanyID, fresh []*change) error {
	ids := make([]string, len(fresh))
	seen := make(map[string]bool, len(fresh))
	for i, f := range fresh {
		if seen[f.op.ID] {
			return fmt.Errorf("%w: op %s twice", ErrChainBroken, f.op.ID)
		}
		seen[f.op.ID] = true
		ids[i] = f.op.ID
	}
	list, args := inList(2, ids)
	var id string
	found, err := one(ctx, t, "SELECT op_id FROM op WHERE company_id = $1 AND op_id IN "+list,
		append([]any{string(c)}, args...), &id)
	if err != nil {
		return fmt.Errorf("look for known ops: %w", err)
	}
	if found {
		return fmt.Errorf("%w: op %s stands in the log under another number", ErrChainBroken, id)
	}
	return nil
}

const logColumns = `(company_id, device_id, n, op_id, kind, body, body_sha, asig, h, "by", grant_id, recv_us, status, reason, seq)`

func (t tx) appendLog(ctx context.Context, c timeclock.CompanyID, d timeclock.DeviceID, fresh []*change) error {
	rows := make([][]any, len(fresh))
	for i, f := range fresh {
		asig := f.op.ASig
		if asig == nil {
			asig = []byte{}
		}
		rows[i] = []any{string(c), string(d), f.op.N, f.op.ID, string(f.op.Kind), f.op.Body, f.sha[:], asig, f.h,
			f.head.By, f.head.Grant, int64(f.recv), string(f.fate.status), f.fate.reason, f.seq}
	}
	return t.insert(ctx, "op", logColumns, rows)
}

// checkpoint moves the device to its new head and leaves the cloud's receipt.
func (b *batch) checkpoint(ctx context.Context, t tx) error {
	key, err := b.store.keys.Company(b.Company)
	if err != nil {
		return err
	}
	c := op.Checkpoint{Company: b.Company, Device: b.Device, N: b.Request.Head.N, H: b.Request.Head.H, Now: b.Request.Now,
		ServerUS: b.anchor.ServerUS, OffsetUS: b.anchor.OffsetUS, DeviceSig: b.Request.Head.Sig}
	c.CloudSig = ed25519.Sign(key, c.SigningBytes())
	err = t.insert(ctx, "checkpoint",
		"(company_id, device_id, n, h, wall_us, mono_us, boot, server_us, offset_us, device_sig, cloud_sig)",
		[][]any{{string(c.Company), string(c.Device), c.N, c.H, int64(c.Now.Wall), c.Now.Mono, c.Now.Boot,
			int64(c.ServerUS), c.OffsetUS, c.DeviceSig, c.CloudSig}})
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE device SET last_n = $3, last_h = $4, offset_us = $5, last_seen_us = $6
		WHERE company_id = $1 AND device_id = $2`,
		string(b.Company), string(b.Device), c.N, c.H, b.anchor.Offset(), int64(b.RecvUS))
	if err != nil {
		return fmt.Errorf("move device %s to op %d: %w", b.Device, c.N, err)
	}
	return nil
}

// suspect stops a device whose chain is false until an admin has looked.
func (s *Store) suspect(ctx context.Context, c timeclock.CompanyID, d timeclock.DeviceID) error {
	return s.inTx(ctx, func(ctx context.Context, t tx) error {
		_, err := t.exec(ctx, "UPDATE device SET state = 'suspect' WHERE company_id = $1 AND device_id = $2 AND state = 'active'",
			string(c), string(d))
		return err
	})
}
