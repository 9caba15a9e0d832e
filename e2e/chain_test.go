//go:build e2e

package e2e

import (
	"bytes"
	"crypto/ed25519"
	"database/sql"
	"testing"

	"clockface/sync/op"
	"clockface/timeclock"
)

// A logged op is a row of the cloud's op log.
type logged struct {
	op.Op
	h      []byte
	status op.Status
	reason string
}

// A chain is one device of a company with its ops and the cloud's receipts for
// them, as a verifier outside of the product would read them.
type chain struct {
	company     timeclock.CompanyID
	device      timeclock.DeviceID
	profile     timeclock.Profile
	key         ed25519.PublicKey
	ops         []logged
	checkpoints []op.Checkpoint
}

// checkChains fails unless every device's chain has no gap, no false hash, no op
// that was not accepted, checkpoints that verify up to its end, and punches whose
// time is what the checkpoint makes of their bodies. trusted is a replica, whose
// idea of the cloud's key is used.
func checkChains(t *testing.T, cloud, trusted *database) {
	t.Helper()
	var cloudKey []byte
	if err := trusted.db.QueryRowContext(t.Context(), "SELECT cloud_key FROM meta").Scan(&cloudKey); err != nil {
		t.Fatalf("the cloud's key as the %s has it: %v", trusted.name, err)
	}
	times := punchTimes(t, cloud)
	for _, c := range readChains(t, cloud) {
		c.checkOps(t)
		c.checkCheckpoints(t, cloudKey)
		if c.profile == timeclock.Kiosk {
			c.checkTimes(t, times)
		}
	}
}

// checkOps recomputes the hashes.
func (c chain) checkOps(t *testing.T) {
	t.Helper()
	var last []byte
	for i, o := range c.ops {
		if o.N != int64(i+1) {
			t.Errorf("chain of the %s: op %d stands in place %d", c.profile, o.N, i+1)
		}
		if want := op.ChainHash(last, c.company, c.device, o.Op); !bytes.Equal(o.h, want) {
			t.Errorf("chain of the %s: hash of op %d is %x, recomputed %x", c.profile, o.N, o.h, want)
		}
		if o.status != op.Accepted {
			t.Errorf("op %d (%s) of the %s is %s: %s", o.N, o.Kind, c.profile, o.status, o.reason)
		}
		last = o.h
	}
}

// checkCheckpoints checks both signatures of each checkpoint, that it is over the
// logged hash, and that the last one covers the chain's end.
func (c chain) checkCheckpoints(t *testing.T, cloudKey ed25519.PublicKey) {
	t.Helper()
	covered := int64(0)
	for _, p := range c.checkpoints {
		covered = p.N
		if p.N < 1 || p.N > int64(len(c.ops)) || !bytes.Equal(p.H, c.ops[p.N-1].h) {
			t.Errorf("checkpoint %d of the %s is not over an op of its chain", p.N, c.profile)
		}
		if !ed25519.Verify(cloudKey, p.SigningBytes(), p.CloudSig) {
			t.Errorf("checkpoint %d of the %s: the cloud's signature is false", p.N, c.profile)
		}
		if !op.VerifyHead(c.key, op.ChainHead{N: p.N, H: p.H, Sig: p.DeviceSig}, p.Now) {
			t.Errorf("checkpoint %d of the %s: the device's signature is false", p.N, c.profile)
		}
	}
	if c.profile != timeclock.Cloud && covered != int64(len(c.ops)) {
		t.Errorf("%d ops of the %s, checkpoints up to %d", len(c.ops), c.profile, covered)
	}
}

// checkTimes recomputes when each punch happened.
func (c chain) checkTimes(t *testing.T, times map[string]timeclock.Micros) {
	t.Helper()
	for _, p := range c.checkpoints {
		anchor := op.Anchor{Now: p.Now, ServerUS: p.ServerUS, OffsetUS: p.OffsetUS}
		for len(c.ops) > 0 && c.ops[0].N <= p.N {
			o := c.ops[0]
			c.ops = c.ops[1:]
			if o.Kind != op.PunchAdd {
				continue
			}
			var body op.PunchBody
			if err := op.Decode(o.Body, &body); err != nil {
				t.Fatalf("op %d: %v", o.N, err)
			}
			at, _, _ := anchor.At(body.Clock)
			if times[o.ID] != at {
				t.Errorf("punch of op %d is at %d, its checkpoint makes it %d", o.N, times[o.ID], at)
			}
		}
	}
}

// punchTimes returns the time that counts of every punch by the id of its op.
func punchTimes(t *testing.T, cloud *database) map[string]timeclock.Micros {
	t.Helper()
	out := map[string]timeclock.Micros{}
	each(t, cloud, "SELECT op_id, at_us FROM punch", nil, func(scan func(...any)) {
		var id string
		var at timeclock.Micros
		scan(&id, &at)
		out[id] = at
	})
	return out
}

func readChains(t *testing.T, cloud *database) []*chain {
	t.Helper()
	var out []*chain
	each(t, cloud, "SELECT company_id, device_id, profile, public_key FROM device", nil, func(scan func(...any)) {
		var c chain
		scan(&c.company, &c.device, &c.profile, (*[]byte)(&c.key))
		out = append(out, &c)
	})
	for _, c := range out {
		key := []any{c.company, c.device}
		each(t, cloud, `SELECT n, op_id, kind, body, asig, h, status, reason FROM op
			WHERE company_id = ? AND device_id = ? ORDER BY n`, key, func(scan func(...any)) {
			var o logged
			scan(&o.N, &o.ID, &o.Kind, &o.Body, &o.ASig, &o.h, &o.status, &o.reason)
			c.ops = append(c.ops, o)
		})
		each(t, cloud, `SELECT n, h, wall_us, mono_us, boot, server_us, offset_us, device_sig, cloud_sig FROM checkpoint
			WHERE company_id = ? AND device_id = ? ORDER BY n`, key, func(scan func(...any)) {
			p := op.Checkpoint{Company: c.company, Device: c.device}
			var offset sql.NullInt64
			scan(&p.N, &p.H, &p.Now.Wall, &p.Now.Mono, &p.Now.Boot, &p.ServerUS, &offset, &p.DeviceSig, &p.CloudSig)
			if offset.Valid {
				p.OffsetUS = &offset.Int64
			}
			c.checkpoints = append(c.checkpoints, p)
		})
	}
	return out
}

// each calls row for every row of a query's result; row reads it with scan.
func each(t *testing.T, d *database, query string, args []any, row func(scan func(...any))) {
	t.Helper()
	result, err := d.db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %s: %v", d.name, query, err)
	}
	defer result.Close()
	for result.Next() {
		row(func(into ...any) {
			if err := result.Scan(into...); err != nil {
				t.Fatalf("%s: %s: %v", d.name, query, err)
			}
		})
	}
	if err := result.Err(); err != nil {
		t.Fatalf("%s: %s: %v", d.name, query, err)
	}
}
