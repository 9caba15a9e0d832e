package localdb

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"clockface/localdb/vault"
	"clockface/sync/op"
	"clockface/timeclock"
)

// Credentials returns the credentials of that kind; empty means all kinds.
func (db *DB) Credentials(ctx context.Context, kind timeclock.CredentialKind) ([]Credential, error) {
	var out []Credential
	err := db.view(ctx, "read credentials", func(q querier) (err error) {
		out, err = readCredentials(q, "$1 = '' OR kind = $1", string(kind))
		return err
	})
	return out, err
}

func readCredentials(q querier, where string, args ...any) (out []Credential, err error) {
	err = eachRow(q, `SELECT id, employee_id, kind, pack, key_id, label, sealed FROM credential
		WHERE NOT deleted AND (`+where+`) ORDER BY employee_id, id`, args, func(scan func(...any) error) error {
		var c Credential
		if err := scan(&c.ID, &c.Employee, &c.Kind, &c.Pack, &c.KeyID, &c.Label, &c.Sealed); err != nil {
			return err
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

// EnsureCompanyKey makes the company's key if this is a kiosk and the company
// has none, and learns it where it is wrapped for this device. It does nothing
// before the replica was filled once, since only then is known whether there is
// a key: call it after the first sync and after changes.
func (db *DB) EnsureCompanyKey(ctx context.Context, keys *vault.Keys) error {
	var have vault.CompanyKey
	var there bool
	var id Identity
	var cursor string
	err := db.view(ctx, "read company key", func(q querier) (err error) {
		if id, err = readIdentity(q); err != nil {
			return err
		}
		if have, there, err = readCompanyKey(q); err != nil {
			return err
		}
		return q.queryRow("SELECT cursor FROM meta").Scan(&cursor)
	})
	if err != nil {
		return err
	}
	if there {
		_, err := keys.LearnCompanyKey(have, id.Device)
		return err
	}
	if id.Profile != timeclock.Kiosk || cursor == "" {
		return nil
	}
	return db.update(ctx, "make company key", func(t *tx) error { return t.makeCompanyKey(keys, db.clock()) })
}

func (t *tx) makeCompanyKey(keys *vault.Keys, now op.Clock) error {
	pos, err := t.position()
	if err != nil {
		return err
	}
	if _, there, err := readCompanyKey(t); err != nil || there {
		return err
	}
	c, err := keys.MakeCompanyKey(op.NewID(), pos.company, pos.device)
	if err != nil {
		return err
	}
	tb, _ := tableByName("company_key")
	return t.put(pos, now, tb, c.ID, map[string]any{"recipient": c.Recipient, "wrapped": c.Wrapped,
		"endorsed_by": string(pos.device), "signature": c.Signature}, nil, op.NewHead(string(pos.device), ""), nil)
}

// readCompanyKey returns the newest company key.
func readCompanyKey(q querier) (c vault.CompanyKey, there bool, err error) {
	there, err = oneRow(q.queryRow(`SELECT id, recipient, wrapped, signature FROM company_key WHERE NOT deleted ORDER BY id DESC LIMIT 1`),
		&c.ID, &c.Recipient, &c.Wrapped, &c.Signature)
	return c, there, err
}

// EnrolTemplate seals what an enrolment found out about a person and keeps it as
// a new credential. Biometric kinds need a consent in force, else ErrNoConsent.
func (db *DB) EnrolTemplate(ctx context.Context, keys *vault.Keys, a *Actor, n NewTemplate) (timeclock.CredentialID, error) {
	if len(n.Vectors) == 0 || !n.Kind.Biometric() {
		return "", fmt.Errorf("enrol %s of employee %s: %w: vectors of a face or finger are needed", n.Kind, n.Employee, ErrInvalid)
	}
	id := timeclock.CredentialID(op.NewID())
	t := vault.Template{Employee: n.Employee, Credential: id, Kind: n.Kind, Pack: n.Pack, Vectors: n.Vectors}
	err := db.update(ctx, fmt.Sprintf("enrol %s of employee %s", n.Kind, n.Employee), func(tx *tx) error {
		if _, ok, err := readConsent(tx, n.Employee, n.Kind); err != nil {
			return err
		} else if !ok {
			return ErrNoConsent
		}
		return tx.keepTemplate(keys, a, db.clock(), t, n.Label)
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// SetPIN gives the person a PIN of 4 to 8 digits in place of the one before.
func (db *DB) SetPIN(ctx context.Context, keys *vault.Keys, a *Actor, e timeclock.EmployeeID, pin string) error {
	hash, err := vault.HashPIN(pin)
	if err != nil {
		return fmt.Errorf("set PIN of employee %s: %w", e, err)
	}
	return db.update(ctx, "set PIN of employee "+string(e), func(tx *tx) error {
		had, err := readCredentials(tx, "employee_id = $1 AND kind = 'pin'", string(e))
		if err != nil {
			return err
		}
		t := vault.Template{Employee: e, Credential: timeclock.CredentialID(op.NewID()), Kind: timeclock.PIN, PINHash: hash}
		if len(had) > 0 {
			t.Credential = had[0].ID
		}
		return tx.keepTemplate(keys, a, db.clock(), t, "")
	})
}

// keepTemplate seals a template to the company's key and writes its credential.
func (t *tx) keepTemplate(keys *vault.Keys, a *Actor, now op.Clock, tpl vault.Template, label string) error {
	pos, err := t.position()
	if err != nil {
		return err
	}
	if err := a.check(pos, pos.at(now), timeclock.WriteCredential); err != nil {
		return err
	}
	people, err := readEmployees(t, "id = $1", string(tpl.Employee))
	if err != nil {
		return err
	}
	if len(people) == 0 {
		return ErrNotFound
	}
	key, there, err := readCompanyKey(t)
	if err != nil {
		return err
	}
	if !there {
		return ErrNoCompanyKey
	}
	tpl.Company, tpl.Device = pos.company, pos.device
	sealed, err := vault.Seal(tpl, keys.Device(), key.Recipient)
	if err != nil {
		return err
	}
	tb, _ := tableByName("credential")
	return t.put(pos, now, tb, string(tpl.Credential), map[string]any{"employee_id": string(tpl.Employee),
		"kind": string(tpl.Kind), "pack": tpl.Pack, "key_id": key.ID, "label": label}, sealed, a.head(), a)
}

// DeleteCredential deletes a credential, its template and every copy of it here.
func (db *DB) DeleteCredential(ctx context.Context, a *Actor, id timeclock.CredentialID) error {
	return db.update(ctx, "delete credential "+string(id), func(t *tx) error {
		pos, err := t.position()
		if err != nil {
			return err
		}
		now := db.clock()
		if err := a.check(pos, pos.at(now), timeclock.WriteCredential); err != nil {
			return err
		}
		tb, _ := tableByName("credential")
		if r, there, err := readRow(t, tb, string(id)); err != nil {
			return err
		} else if !there || r.deleted {
			return ErrNotFound
		}
		if err := t.put(pos, now, tb, string(id), map[string]any{"deleted": true}, nil, a.head(), a); err != nil {
			return err
		}
		if err := t.exec("UPDATE credential SET sealed = x'' WHERE id = $1", string(id)); err != nil {
			return err
		}
		return t.dropSealed(id)
	})
}

// Templates opens the credentials of that kind. Those that cannot be used are
// left out and told in skipped, each with its credential: sealed for somebody
// else, signed by a device that is not trusted, damaged, or to a key that this
// device does not hold. Trusted is who holds this device's key, under whatever id.
func (db *DB) Templates(ctx context.Context, keys *vault.Keys, kind timeclock.CredentialKind) (found []vault.Template, skipped []error, err error) {
	id, err := db.Identity(ctx)
	if err != nil {
		return nil, nil, err
	}
	rows, err := db.Credentials(ctx, kind)
	if err != nil {
		return nil, nil, err
	}
	own, _ := keys.Device().Public().(ed25519.PublicKey)
	// A PC that was enrolled anew with its old keys has another device id.
	trusted := func(_ timeclock.DeviceID, key ed25519.PublicKey) bool { return own.Equal(key) }
	for _, c := range rows {
		if len(c.Sealed) == 0 {
			skipped = append(skipped, fmt.Errorf("credential %s: %w", c.ID, errNotHere))
			continue
		}
		t, err := keys.Unseal(c.Sealed, vault.Expected{Company: id.Company, Employee: c.Employee, Credential: c.ID, Kind: c.Kind, Pack: c.Pack}, trusted)
		if err != nil {
			skipped = append(skipped, fmt.Errorf("credential %s of employee %s: %w", c.ID, c.Employee, err))
			continue
		}
		found = append(found, t)
	}
	return found, skipped, nil
}

// errNotHere stands for a template whose ciphertext this device does not get.
var errNotHere = errors.New("its template is not on this device")
