package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clockface/sync/op"
)

// maxBatchBytes is how much of bodies one push takes from the outbox. Salts,
// ids and signatures hardly compress, so this stays near what fits in
// [op.MaxSent]; what does not fit is halved.
const maxBatchBytes = 512 << 10

// errNoCredentials: the device was never enrolled.
var errNoCredentials = errors.New("the client has no credentials")

// sync is one round: push*, then pull*. A cloud that refuses our ops for good is
// still pulled from, so that a broken chain does not also blind the device.
func (r *Replicator) sync(ctx context.Context) (acked, rows int, err error) {
	r.round.Lock()
	defer r.round.Unlock()
	if r.client.creds == nil {
		return 0, 0, errNoCredentials
	}
	if err := r.begin(ctx); err != nil {
		return 0, 0, err
	}
	if err := r.measure(ctx); err != nil {
		return 0, 0, err
	}
	restricted := punchesOnly(r.State().LastError)
	acked, pushErr := r.pushAll(ctx, restricted)
	if pushErr != nil && !refused(pushErr) {
		return acked, 0, pushErr
	}
	rows, err = r.pullAll(ctx)
	if err == nil && restricted { // no longer so: what was held back can go
		var more int
		more, pushErr = r.pushAll(ctx, false)
		acked += more
	}
	if pushErr != nil {
		err = pushErr
	}
	if e := r.saveOffset(ctx, r.client.Offset(), 0); err == nil {
		err = e // a skewed clock may have been put right on the way
	}
	return acked, rows, err
}

// refused reports whether the cloud answered and will not take our ops as they
// are, however often they are sent.
func refused(err error) bool {
	return HasCode(err, op.CodeChainBroken) || HasCode(err, op.CodeTooLarge) ||
		HasCode(err, op.CodeBadRequest) || punchesOnly(err)
}

// begin does once what a start needs: ops of which no answer came are sent
// again, and the last known offset is used until it is measured.
func (r *Replicator) begin(ctx context.Context) error {
	if r.started {
		return nil
	}
	if err := r.store.RequeueSent(ctx); err != nil {
		return fmt.Errorf("requeue unanswered ops: %w", err)
	}
	us, known, err := r.store.Offset(ctx)
	if err != nil {
		return fmt.Errorf("read offset: %w", err)
	}
	if known {
		r.client.SetOffset(us)
		r.savedUS = us
	}
	r.started = true
	return nil
}

// measure takes a sample of the cloud's time when one is due. A cloud that takes
// nothing but punches is no failure here: they must still be sent.
func (r *Replicator) measure(ctx context.Context) error {
	clock := r.o.Clock()
	if !r.estimate.due(clock) {
		return nil
	}
	offset, roundTrip, err := r.client.Time(ctx)
	switch {
	case punchesOnly(err):
		return nil
	case err != nil:
		return err
	}
	r.estimate.add(offsetSample{offsetUS: offset, roundTripUS: roundTrip, clock: clock})
	best, errUS, _ := r.estimate.best()
	r.client.SetOffset(best)
	return r.saveOffset(ctx, best, errUS)
}

// saveOffset keeps the offset when it is not the one that is kept already.
func (r *Replicator) saveOffset(ctx context.Context, us, errUS int64) error {
	if us == r.savedUS {
		return nil
	}
	if err := r.store.SaveOffset(ctx, us, errUS); err != nil {
		return fmt.Errorf("keep offset: %w", err)
	}
	r.savedUS = us
	return nil
}

// punchesOnly reports whether the cloud takes nothing but punches from this
// device any more: it was revoked, or its program is too old.
func punchesOnly(err error) bool {
	return HasCode(err, op.CodeUnauthorized) || HasCode(err, op.CodeUpgrade)
}

// pushAll sends batches until the outbox is empty; restricted, only the punches
// at the front of it. It restricts itself when the cloud wants it.
func (r *Replicator) pushAll(ctx context.Context, restricted bool) (acked int, err error) {
	rewound := false
	for {
		ops, answer, err := r.pushBatch(ctx, restricted)
		var ce *CloudError
		switch {
		case err == nil && len(ops) == 0:
			return acked, nil
		case err == nil:
			acked += len(ops)
			r.batch = nextBatch(r.batch, answer.MaxOps)
			sleep(ctx, time.Duration(answer.NextAfterMS)*time.Millisecond)
			if ctx.Err() != nil {
				return acked, ctx.Err()
			}
		case HasCode(err, op.CodeTooLarge) && len(ops) > 1:
			r.batch = len(ops) / 2
		case HasCode(err, op.CodeTooLarge):
			return acked, fmt.Errorf("%s %s is too large to be sent: %w", ops[0].Kind, ops[0].ID, err)
		case HasCode(err, op.CodeGap) && errors.As(err, &ce) && !rewound:
			rewound = true
			if err := r.store.RewindTo(ctx, ce.Problem.LastN); err != nil {
				return acked, fmt.Errorf("send again after op %d: %w", ce.Problem.LastN, err)
			}
		case punchesOnly(err) && !restricted:
			restricted = true
		default:
			return acked, err
		}
	}
}

// pushBatch sends the next batch and writes its fate; no ops = nothing waits.
func (r *Replicator) pushBatch(ctx context.Context, restricted bool) ([]op.Op, op.PushAnswer, error) {
	ops, head, ackedN, err := r.store.Outbox(ctx, r.batch, maxBatchBytes)
	if err == nil && restricted {
		n := leadingPunches(ops)
		if n == 0 {
			return nil, op.PushAnswer{}, nil
		}
		if n < len(ops) {
			ops, head, ackedN, err = r.store.Outbox(ctx, n, maxBatchBytes)
		}
	}
	if err != nil {
		return nil, op.PushAnswer{}, fmt.Errorf("read outbox: %w", err)
	}
	if len(ops) == 0 {
		return nil, op.PushAnswer{}, nil
	}
	now := r.o.Clock()
	answer, err := r.client.Push(ctx, op.PushRequest{
		Now: now, AckedN: ackedN, Head: op.SignHead(r.client.creds.Key, head, ops[len(ops)-1].N, now), Ops: ops,
	})
	if err != nil {
		return ops, op.PushAnswer{}, err
	}
	if err := r.store.ApplyPush(ctx, answer); err != nil {
		return ops, op.PushAnswer{}, fmt.Errorf("write the fate of %d ops: %w", len(ops), err)
	}
	return ops, answer, nil
}

func leadingPunches(ops []op.Op) int {
	for i, o := range ops {
		if o.Kind != op.PunchAdd {
			return i
		}
	}
	return len(ops)
}

// nextBatch grows a batch that went through towards what the cloud takes.
func nextBatch(size, cloudMax int) int {
	if cloudMax <= 0 || cloudMax > op.MaxOps {
		cloudMax = op.MaxOps
	}
	return min(size*2, cloudMax)
}

// pullAll applies pages until there is no more and returns the number of rows.
func (r *Replicator) pullAll(ctx context.Context) (rows int, err error) {
	cursor, err := r.store.Cursor(ctx)
	if err != nil {
		return 0, fmt.Errorf("read cursor: %w", err)
	}
	for resynced := false; ; {
		if cursor == "" {
			n, asOf, err := r.snapshot(ctx)
			rows += n
			if err != nil {
				return rows, err
			}
			cursor, resynced = asOf, true
		}
		page, err := r.client.Pull(ctx, cursor, op.PageRows)
		if HasCode(err, op.CodeResync) && !resynced {
			r.o.Log.Info("the cloud asks for a new start", "cursor", cursor)
			cursor = ""
			continue
		}
		if err != nil {
			return rows, err
		}
		if len(page.Rows) > 0 || page.Cursor != cursor {
			if err := r.store.ApplyPage(ctx, page); err != nil {
				return rows, fmt.Errorf("write page up to %s: %w", page.Cursor, err)
			}
		}
		rows += len(page.Rows)
		cursor = page.Cursor
		if !page.More {
			return rows, nil
		}
	}
}

// snapshot reads every table by primary key and returns the number of rows and
// the cursor to pull from. The cursor is kept with the last page alone, so that
// an interrupted snapshot begins again.
func (r *Replicator) snapshot(ctx context.Context) (rows int, asOf string, err error) {
	for after := ""; ; {
		page, err := r.client.Snapshot(ctx, after, op.PageRows)
		if err != nil {
			return rows, "", err
		}
		if after == "" {
			asOf = page.AsOf
		}
		page.AsOf = ""
		if page.After == "" {
			page.AsOf = asOf
		}
		if err := r.store.ApplySnapshot(ctx, page); err != nil {
			return rows, "", fmt.Errorf("write snapshot after %q: %w", after, err)
		}
		rows += len(page.Rows)
		if after = page.After; after == "" {
			return rows, asOf, nil
		}
	}
}
