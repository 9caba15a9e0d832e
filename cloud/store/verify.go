package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"database/sql"
	"fmt"
	"math"

	"clockface/sync/op"
	"clockface/timeclock"
)

// Verified counts what Verify looked at.
type Verified struct {
	Devices, Ops, Checkpoints, Punches int
}

// Verify recomputes the company's chains: every hash from the op and the one
// before it, every signature of a device, an actor or the cloud, and the
// anchored time of every punch from its checkpoint. It returns an error that
// wraps ErrLogDiffers and names the first thing that is not as it was signed.
func (s *Store) Verify(ctx context.Context, c timeclock.CompanyID) (Verified, error) {
	var sum Verified
	key, err := s.keys.Company(c)
	if err != nil {
		return sum, err
	}
	devices, err := s.Devices(ctx, c)
	if err != nil {
		return sum, err
	}
	for _, known := range devices {
		d, err := s.Device(ctx, c, known.ID)
		if err != nil {
			return sum, err
		}
		v := verifier{store: s, device: d, cloud: key.Public().(ed25519.PublicKey), sum: &sum}
		if err := v.run(ctx); err != nil {
			return sum, s.named(fmt.Errorf("verify chain of device %s: %w", d.ID, err))
		}
		sum.Devices++
	}
	return sum, nil
}

// verifier walks one device's chain.
type verifier struct {
	store  *Store
	device Device
	cloud  ed25519.PublicKey
	sum    *Verified

	prev        []byte
	n           int64
	checkpoints []op.Checkpoint // those not reached yet
}

func (v *verifier) run(ctx context.Context) error {
	err := checkpointsFrom(ctx, v.store.read, v.device.Company, v.device.ID, 1, math.MaxInt64, func(c op.Checkpoint) error {
		v.checkpoints = append(v.checkpoints, c)
		return nil
	})
	if err != nil {
		return err
	}
	err = each(ctx, v.store.read, `SELECT o.n, o.op_id, o.kind, o.body, o.body_sha, o.asig, o.h, o.grant_id, g.actor_key, p.at_us, p.time_source
		FROM op o LEFT JOIN sign_in_grant g ON g.company_id = o.company_id AND g.grant_id = o.grant_id AND o.status IN ('accepted', 'conflict')
		LEFT JOIN punch p ON p.company_id = o.company_id AND o.kind = 'punch.add' AND p.op_id = o.op_id
		WHERE o.company_id = $1 AND o.device_id = $2 ORDER BY o.n`, []any{string(v.device.Company), string(v.device.ID)}, v.op)
	if err != nil {
		return err
	}
	if len(v.checkpoints) > 0 || v.n != v.device.LastN || !bytes.Equal(v.prev, v.device.lastH) {
		return fmt.Errorf("%w: the chain ends at %d, the device stands at %d", ErrLogDiffers, v.n, v.device.LastN)
	}
	return nil
}

// op checks one op of the chain and, where it ends a batch, the checkpoint.
func (v *verifier) op(rows *sql.Rows) error {
	var o op.Op
	var sha, h, actor []byte
	var grant string
	var at sql.NullInt64
	var source sql.NullString
	if err := rows.Scan(&o.N, &o.ID, &o.Kind, &o.Body, &sha, &o.ASig, &h, &grant, &actor, &at, &source); err != nil {
		return err
	}
	own := op.BodySHA(o.Body)
	switch {
	case o.N != v.n+1:
		return fmt.Errorf("%w: op %d follows op %d", ErrLogDiffers, o.N, v.n)
	case !bytes.Equal(own[:], sha):
		return fmt.Errorf("%w: body of op %d is not the one that was hashed", ErrLogDiffers, o.N)
	case !bytes.Equal(op.ChainHash(v.prev, v.device.Company, v.device.ID, o), h):
		return fmt.Errorf("%w: hash of op %d", ErrLogDiffers, o.N)
	case len(actor) > 0 && !op.VerifyAct(actor, v.device.Company, v.device.ID, o):
		return fmt.Errorf("%w: signature of the person behind op %d", ErrLogDiffers, o.N)
	case len(v.checkpoints) == 0:
		return fmt.Errorf("%w: no checkpoint covers op %d", ErrLogDiffers, o.N)
	}
	v.prev, v.n = h, o.N
	v.sum.Ops++
	k := v.checkpoints[0]
	if at.Valid {
		c := readChange(o)
		c.stamped(op.Anchor{Now: k.Now, ServerUS: k.ServerUS, OffsetUS: k.OffsetUS})
		if int64(c.at) != at.Int64 || c.source != source.String {
			return fmt.Errorf("%w: time of the punch of op %d", ErrLogDiffers, o.N)
		}
		v.sum.Punches++
	}
	if k.N > o.N {
		return nil
	}
	v.checkpoints = v.checkpoints[1:]
	v.sum.Checkpoints++
	head := op.ChainHead{N: k.N, H: k.H, Sig: k.DeviceSig}
	switch {
	case k.N != o.N || !bytes.Equal(k.H, h):
		return fmt.Errorf("%w: checkpoint at %d", ErrLogDiffers, k.N)
	case !op.VerifyHead(v.device.PublicKey, head, k.Now):
		return fmt.Errorf("%w: the device's signature of checkpoint %d", ErrLogDiffers, k.N)
	case !ed25519.Verify(v.cloud, k.SigningBytes(), k.CloudSig):
		return fmt.Errorf("%w: the cloud's signature of checkpoint %d", ErrLogDiffers, k.N)
	}
	return nil
}
