package store

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"clockface/sync/op"
	"clockface/timeclock"
)

// DeviceState is what a device may do.
type DeviceState string

// The states. A suspect device is stopped until an admin has looked; of a
// revoked one only punches are taken, into quarantine.
const (
	Active  DeviceState = "active"
	Suspect DeviceState = "suspect"
	Revoked DeviceState = "revoked"
)

// Device is a row of the table device.
type Device struct {
	Company   timeclock.CompanyID
	ID        timeclock.DeviceID
	Profile   timeclock.Profile
	Site      timeclock.SiteID
	State     DeviceState
	PublicKey []byte
	LastN     int64
	lastH     []byte
	offset    *int64 // server − device in microseconds; nil = never synced
}

// Device returns the device of the company, or ErrNoDevice.
func (s *Store) Device(ctx context.Context, c timeclock.CompanyID, id timeclock.DeviceID) (Device, error) {
	d, err := deviceByID(ctx, s.read, c, id)
	return d, s.named(err)
}

func deviceByID(ctx context.Context, q querier, c timeclock.CompanyID, id timeclock.DeviceID) (Device, error) {
	d := Device{Company: c, ID: id}
	found, err := one(ctx, q, `SELECT profile, site_id, state, public_key, last_n, last_h, offset_us FROM device
		WHERE company_id = $1 AND device_id = $2`, []any{string(c), string(id)},
		&d.Profile, &d.Site, &d.State, &d.PublicKey, &d.LastN, &d.lastH, &d.offset)
	if err != nil {
		return Device{}, fmt.Errorf("read device %s: %w", id, err)
	}
	if !found {
		return Device{}, fmt.Errorf("%w: %s", ErrNoDevice, id)
	}
	return d, nil
}

// DeviceInfo is what people want to know of a device.
type DeviceInfo struct {
	ID       timeclock.DeviceID
	Name     string
	Profile  timeclock.Profile
	State    DeviceState
	LastN    int64 // ops on its chain
	LastSeen timeclock.Micros
}

// Devices lists the company's devices, the cloud's own among them, oldest first.
func (s *Store) Devices(ctx context.Context, c timeclock.CompanyID) ([]DeviceInfo, error) {
	var all []DeviceInfo
	err := each(ctx, s.read, "SELECT device_id, name, profile, state, last_n, last_seen_us FROM device WHERE company_id = $1 ORDER BY device_id",
		[]any{string(c)}, func(rows *sql.Rows) error {
			var d DeviceInfo
			err := rows.Scan(&d.ID, &d.Name, &d.Profile, &d.State, &d.LastN, &d.LastSeen)
			all = append(all, d)
			return err
		})
	if err != nil {
		return nil, s.named(fmt.Errorf("list devices: %w", err))
	}
	return all, nil
}

// RevokeDevice ends a device's access.
func (s *Store) RevokeDevice(ctx context.Context, c timeclock.CompanyID, id timeclock.DeviceID) error {
	return s.inTx(ctx, func(ctx context.Context, t tx) error {
		n, err := t.exec(ctx, "UPDATE device SET state = 'revoked' WHERE company_id = $1 AND device_id = $2", string(c), string(id))
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: %s", ErrNoDevice, id)
		}
		return err
	})
}

func (t tx) insertDevice(ctx context.Context, d Device, name, recipient string, schema int, now timeclock.Micros) error {
	return t.insert(ctx, "device", "(company_id, device_id, name, profile, site_id, public_key, age_recipient, last_n, last_h, state, schema_no, last_seen_us)",
		[][]any{{string(d.Company), string(d.ID), name, string(d.Profile), string(d.Site), d.PublicKey, recipient,
			int64(0), []byte{}, string(Active), int64(schema), int64(now)}})
}

// codeLetters have no 0/O and 1/I/L, since codes are read aloud and typed.
const codeLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// NewEnrollCode makes a single-use code for a device of that profile at the site
// (its id or its name), valid for ttl. It returns ErrNoSite where the company
// has no such site.
func (s *Store) NewEnrollCode(ctx context.Context, c timeclock.CompanyID, p timeclock.Profile, site string, ttl time.Duration) (string, error) {
	var id string
	found, err := one(ctx, s.read, "SELECT id FROM site WHERE company_id = $1 AND NOT deleted AND (id = $2 OR name = $2)",
		[]any{string(c), site}, &id)
	if err != nil {
		return "", s.named(fmt.Errorf("look up site %s: %w", site, err))
	}
	if !found {
		return "", fmt.Errorf("%w: %s", ErrNoSite, site)
	}
	code := newCode()
	err = s.inTx(ctx, func(ctx context.Context, t tx) error {
		sha := codeSHA(code)
		err := t.insert(ctx, "directory", "(kind, key, company_id)", [][]any{{"code", sha, string(c)}})
		if err != nil {
			return err
		}
		return t.insert(ctx, "enroll_code", "(company_id, code_sha, profile, site_id, expires_us, used_us, device_id)",
			[][]any{{string(c), sha, string(p), id, int64(timeclock.MicrosOf(s.now().Add(ttl))), int64(0), ""}})
	})
	return code, err
}

// newCode returns ten random letters and digits in two groups, about 49 bits.
func newCode() string {
	var code strings.Builder
	for code.Len() < 11 {
		if code.Len() == 5 {
			code.WriteByte('-')
		}
		var b [1]byte
		rand.Read(b[:])                                        // never fails: crypto/rand ends the program instead
		if int(b[0]) < 256/len(codeLetters)*len(codeLetters) { // no letter more likely than another
			code.WriteByte(codeLetters[int(b[0])%len(codeLetters)])
		}
	}
	return code.String()
}

// codeSHA returns the digest under which a code is kept, however it was typed.
func codeSHA(code string) string {
	typed := strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(code))
	sum := sha256.Sum256([]byte("clockface enrol code 1" + typed))
	return hex.EncodeToString(sum[:])
}

// Enroll makes a device of who holds the code. The same device may ask again
// with the same code while it is valid, since an answer can get lost; any other
// use of a used, expired or unknown code is ErrBadCode. A code that still works,
// but for another profile, is a [*CodeProfileError] and works on.
func (s *Store) Enroll(ctx context.Context, r op.EnrollRequest) (op.EnrollAnswer, error) {
	sha := codeSHA(r.Code)
	var answer op.EnrollAnswer
	err := s.inTx(ctx, func(ctx context.Context, t tx) error {
		now := s.nowUS()
		found, err := one(ctx, t, "SELECT company_id FROM directory WHERE kind = 'code' AND key = $1", []any{sha}, &answer.Company)
		if err != nil || !found {
			return notFound(err, ErrBadCode)
		}
		var before, profile string
		found, err = one(ctx, t, `SELECT site_id, device_id, profile FROM enroll_code
			WHERE company_id = $1 AND code_sha = $2 AND expires_us > $3`,
			[]any{string(answer.Company), sha, int64(now)}, &answer.Site, &before, &profile)
		if err != nil || !found {
			return notFound(err, ErrBadCode)
		}
		switch {
		case profile == string(r.Profile):
		case before == "": // whoever holds a code that still works may know what it is for
			return &CodeProfileError{Profile: timeclock.Profile(profile)}
		default:
			return ErrBadCode
		}
		if before != "" {
			d, err := deviceByID(ctx, t, answer.Company, timeclock.DeviceID(before))
			if err != nil || string(d.PublicKey) != string(r.PublicKey) || d.State != Active {
				return notFound(err, ErrBadCode)
			}
			answer.Device = d.ID
			return nil
		}
		d := Device{Company: answer.Company, ID: timeclock.DeviceID(op.NewID()), Profile: r.Profile, Site: answer.Site, PublicKey: r.PublicKey}
		n, err := t.exec(ctx, "UPDATE enroll_code SET used_us = $3, device_id = $4 WHERE company_id = $1 AND code_sha = $2 AND used_us = 0",
			string(answer.Company), sha, int64(now), string(d.ID))
		if err != nil || n == 0 {
			return notFound(err, ErrBadCode)
		}
		answer.Device = d.ID
		if err := t.insertDevice(ctx, d, r.Name, r.AgeRecipient, r.Schema, now); err != nil {
			return err
		}
		return s.putDeviceCard(ctx, t, d, r.Name)
	})
	if err != nil {
		return op.EnrollAnswer{}, fmt.Errorf("enrol device: %w", err)
	}
	key, err := s.keys.Company(answer.Company)
	if err != nil {
		return op.EnrollAnswer{}, err
	}
	answer.CloudKey = key.Public().(ed25519.PublicKey)
	return answer, nil
}

// putDeviceCard tells every replica the device's name, as a setting.
func (s *Store) putDeviceCard(ctx context.Context, t tx, d Device, name string) error {
	card, err := json.Marshal(op.DeviceCard{Name: name, Profile: d.Profile, Site: d.Site})
	if err != nil {
		return fmt.Errorf("encode card of device %s: %w", d.ID, err)
	}
	key := op.DeviceSetting(d.ID)
	return s.putAsCloud(ctx, t, d.Company, []ownPut{{"setting", key, map[string]any{"key": key, "value": string(card)}}})
}

// notFound returns err, or the sentinel where there was none.
func notFound(err, sentinel error) error {
	if err != nil {
		return err
	}
	return sentinel
}

func newToken() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func tokenSHA(token string) string {
	sum := sha256.Sum256([]byte("clockface owner token 1" + token))
	return hex.EncodeToString(sum[:])
}
