//go:build e2e

package e2e

import (
	"bytes"
	"testing"

	"clockface/sync/op"
	"clockface/timeclock"
)

// checkChains recomputes every device's hash chain from the op log of the cloud
// and fails on a gap, a false hash, an op that was not accepted, and a device
// whose last op has no checkpoint. It returns how many ops it saw.
func checkChains(t *testing.T, cloud *database) (ops int) {
	t.Helper()
	result, err := cloud.db.QueryContext(t.Context(),
		`SELECT company_id, device_id, n, op_id, kind, body, asig, h, status, reason FROM op ORDER BY company_id, device_id, n`)
	if err != nil {
		t.Fatalf("read the op log: %v", err)
	}
	defer result.Close()
	var last struct {
		device timeclock.DeviceID
		n      int64
		h      []byte
	}
	for result.Next() {
		var company timeclock.CompanyID
		var device timeclock.DeviceID
		var o op.Op
		var h []byte
		var status op.Status
		var reason string
		if err := result.Scan(&company, &device, &o.N, &o.ID, &o.Kind, &o.Body, &o.ASig, &h, &status, &reason); err != nil {
			t.Fatalf("read the op log: %v", err)
		}
		if device != last.device {
			last.device, last.n, last.h = device, 0, nil
		}
		if o.N != last.n+1 {
			t.Errorf("chain of device %s: op %d follows op %d", device, o.N, last.n)
		}
		if want := op.ChainHash(last.h, company, device, o); !bytes.Equal(h, want) {
			t.Errorf("chain of device %s: hash of op %d is %x, recomputed %x", device, o.N, h, want)
		}
		if status != op.Accepted {
			t.Errorf("op %s (%s) of device %s is %s: %s", o.ID, o.Kind, device, status, reason)
		}
		last.n, last.h = o.N, h
		ops++
	}
	if err := result.Err(); err != nil {
		t.Fatalf("read the op log: %v", err)
	}
	if open := cloud.texts(t, `SELECT device_id FROM device d WHERE last_n > 0 AND profile <> 'cloud' AND NOT EXISTS (
		SELECT 1 FROM checkpoint c JOIN op o ON o.company_id = c.company_id AND o.device_id = c.device_id AND o.n = c.n AND o.h = c.h
		WHERE c.company_id = d.company_id AND c.device_id = d.device_id AND c.n = d.last_n)`); len(open) > 0 {
		t.Errorf("devices without a checkpoint of their last op: %v", open)
	}
	return ops
}
