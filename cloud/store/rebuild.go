package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"clockface/sync/op"
	"clockface/timeclock"
)

// ErrLogDiffers says that the log and the tables, or the log and its own hashes
// and signatures, do not agree.
var ErrLogDiffers = errors.New("log does not agree")

// logPlace is where an op stands: its key, and its place in the order of all.
type logPlace struct {
	device timeclock.DeviceID
	n, seq int64
}

// Rebuild makes the company's synced tables from its log again. Rights are not
// judged again, since devices and grants are not in the log: what was rejected
// or quarantined stays so. Sealed bytes are not in the log either and are kept
// where the newest put vouches for them. It returns ErrLogDiffers, and changes
// nothing, when an op no longer comes to the fate that the log gives it.
func (s *Store) Rebuild(ctx context.Context, c timeclock.CompanyID) error {
	err := s.inTx(ctx, func(ctx context.Context, t tx) error {
		if _, err := t.takeSeqs(ctx, c, 0); err != nil {
			return err
		}
		sealed, err := t.sealedOf(ctx, c)
		if err != nil {
			return err
		}
		for _, table := range op.Tables() {
			if _, err := t.exec(ctx, "DELETE FROM "+table.Name+" WHERE company_id = $1", string(c)); err != nil {
				return fmt.Errorf("empty %s: %w", table.Name, err)
			}
		}
		places, err := t.effectiveOps(ctx, c)
		if err != nil {
			return err
		}
		r := replayer{tx: t, company: c, sealed: sealed, devices: map[timeclock.DeviceID]*replayed{}}
		for _, p := range places {
			if err := r.replay(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rebuild company %s: %w", c, err)
	}
	return nil
}

// sealedOf returns the sealed bytes of the company's credentials by their id.
func (t tx) sealedOf(ctx context.Context, c timeclock.CompanyID) (map[string][]byte, error) {
	sealed := map[string][]byte{}
	err := each(ctx, t, "SELECT id, sealed FROM credential WHERE company_id = $1", []any{string(c)}, func(rows *sql.Rows) error {
		var id string
		var b []byte
		err := rows.Scan(&id, &b)
		sealed[id] = append([]byte{}, b...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read sealed bytes: %w", err)
	}
	return sealed, nil
}

// effectiveOps returns the places of all ops that left rows, in the order in
// which they were applied.
func (t tx) effectiveOps(ctx context.Context, c timeclock.CompanyID) ([]logPlace, error) {
	var places []logPlace
	err := each(ctx, t, "SELECT device_id, n, seq FROM op WHERE company_id = $1 AND status IN ('accepted', 'conflict') ORDER BY seq",
		[]any{string(c)}, func(rows *sql.Rows) error {
			var p logPlace
			err := rows.Scan(&p.device, &p.n, &p.seq)
			places = append(places, p)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read order of log: %w", err)
	}
	return places, nil
}

// replayer applies ops of the log once more.
type replayer struct {
	tx      tx
	company timeclock.CompanyID
	sealed  map[string][]byte
	devices map[timeclock.DeviceID]*replayed
}

// replayed is a device of the log and the checkpoint that its next ops belong to.
type replayed struct {
	device Device
	batch  op.Checkpoint
}

func (r *replayer) replay(ctx context.Context, p logPlace) error {
	from, err := r.at(ctx, p)
	if err != nil {
		return err
	}
	var o op.Op
	var recv timeclock.Micros
	var status, reason string
	o.N = p.n
	_, err = one(ctx, r.tx, "SELECT op_id, kind, body, recv_us, status, reason FROM op WHERE company_id = $1 AND device_id = $2 AND n = $3",
		[]any{string(r.company), string(p.device), p.n}, &o.ID, &o.Kind, &o.Body, &recv, &status, &reason)
	if err != nil {
		return fmt.Errorf("read op %d of device %s: %w", p.n, p.device, err)
	}
	c := readChange(o)
	c.seq, c.recv = p.seq, recv
	if c.put != nil {
		c.takeSealed(r.sealed[c.put.ID]) // older ciphertext is gone; only the newest is needed
	}
	c.stamped(op.Anchor{Now: from.batch.Now, ServerUS: from.batch.ServerUS, OffsetUS: from.batch.OffsetUS})
	if c.unreadable != "" {
		return fmt.Errorf("%w: op %s was %s and cannot be read: %s", ErrLogDiffers, o.ID, status, c.unreadable)
	}
	if err := newApplier(r.tx, r.company, from.device, true).project(ctx, c); err != nil {
		return fmt.Errorf("apply op %s again: %w", o.ID, err)
	}
	if string(c.fate.status) != status || c.fate.reason != reason {
		return fmt.Errorf("%w: op %s was %s %s and is now %s %s", ErrLogDiffers, o.ID, status, reason, c.fate.status, c.fate.reason)
	}
	return nil
}

// at returns the op's device with the checkpoint of the op's batch.
func (r *replayer) at(ctx context.Context, p logPlace) (*replayed, error) {
	d, ok := r.devices[p.device]
	if !ok {
		device, err := deviceByID(ctx, r.tx, r.company, p.device)
		if err != nil {
			return nil, err
		}
		d = &replayed{device: device}
		r.devices[p.device] = d
	}
	if p.n <= d.batch.N { // a device's ops come in order, so the checkpoint still holds
		return d, nil
	}
	found := false
	err := checkpointsFrom(ctx, r.tx, r.company, p.device, p.n, 1, func(c op.Checkpoint) error {
		d.batch, found = c, true
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: no checkpoint covers op %d of device %s", ErrLogDiffers, p.n, p.device)
	}
	return d, err
}

// checkpointsFrom calls f for the device's checkpoints that cover op n and later
// ones, in order, at most limit.
func checkpointsFrom(ctx context.Context, q querier, c timeclock.CompanyID, d timeclock.DeviceID, n, limit int64, f func(op.Checkpoint) error) error {
	err := each(ctx, q, `SELECT n, h, wall_us, mono_us, boot, server_us, offset_us, device_sig, cloud_sig FROM checkpoint
		WHERE company_id = $1 AND device_id = $2 AND n >= $3 ORDER BY n LIMIT $4`, []any{string(c), string(d), n, limit},
		func(rows *sql.Rows) error {
			k := op.Checkpoint{Company: c, Device: d}
			if err := rows.Scan(&k.N, &k.H, &k.Now.Wall, &k.Now.Mono, &k.Now.Boot, &k.ServerUS, &k.OffsetUS, &k.DeviceSig, &k.CloudSig); err != nil {
				return err
			}
			return f(k)
		})
	if err != nil {
		return fmt.Errorf("read checkpoints of device %s: %w", d, err)
	}
	return nil
}
