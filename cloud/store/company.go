package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"

	"clockface/sync/op"
	"clockface/timeclock"
)

// CompanyName is the key of the setting that holds the company's name.
const CompanyName = "company.name"

// NewCompany is what a company begins with. Without a Login the owner signs in
// with a token: see [Store.NewOwnerToken].
type NewCompany struct {
	Name         string
	Site         string
	Zone         string // IANA
	RepeatWindow time.Duration
	OwnerName    string
	Login        string
	Password     string
}

// Company names the first rows of a company.
type Company struct {
	ID    timeclock.CompanyID    `json:"company"`
	Site  timeclock.SiteID       `json:"site"`
	Owner timeclock.MembershipID `json:"owner"`
}

// Companies returns the ids of all companies in this database.
func (s *Store) Companies(ctx context.Context) ([]timeclock.CompanyID, error) {
	var all []timeclock.CompanyID
	err := each(ctx, s.read, "SELECT company_id FROM company_seq ORDER BY company_id", nil, func(rows *sql.Rows) error {
		var c timeclock.CompanyID
		err := rows.Scan(&c)
		all = append(all, c)
		return err
	})
	if err != nil {
		return nil, s.named(fmt.Errorf("list companies: %w", err))
	}
	return all, nil
}

// FirstCompany returns the only company, its first site and its owner; false
// where there is none yet.
func (s *Store) FirstCompany(ctx context.Context) (Company, bool, error) {
	all, err := s.Companies(ctx)
	if err != nil || len(all) == 0 {
		return Company{}, false, err
	}
	c := Company{ID: all[0]}
	if _, err := one(ctx, s.read, "SELECT id FROM site WHERE company_id = $1 AND NOT deleted ORDER BY id LIMIT 1",
		[]any{string(c.ID)}, &c.Site); err != nil {
		return Company{}, false, s.named(fmt.Errorf("read site: %w", err))
	}
	if _, err := one(ctx, s.read, "SELECT id FROM membership WHERE company_id = $1 AND role = 'owner' AND NOT deleted ORDER BY id LIMIT 1",
		[]any{string(c.ID)}, &c.Owner); err != nil {
		return Company{}, false, s.named(fmt.Errorf("read owner: %w", err))
	}
	return c, true, nil
}

// CreateCompany makes a company with a site and an owner. What it puts into the
// synced tables are ops on the chain of the company's own device.
func (s *Store) CreateCompany(ctx context.Context, n NewCompany) (Company, error) {
	made := Company{ID: timeclock.CompanyID(op.NewID()), Site: timeclock.SiteID(op.NewID()), Owner: timeclock.MembershipID(op.NewID())}
	account := op.NewID()
	hash := ""
	if n.Login != "" {
		var err error
		if hash, err = argon2id.CreateHash(n.Password, passwordParams()); err != nil {
			return Company{}, fmt.Errorf("hash password: %w", err)
		}
	}
	key, err := s.keys.Company(made.ID)
	if err != nil {
		return Company{}, err
	}
	puts := []ownPut{
		{"setting", op.NewID(), map[string]any{"key": CompanyName, "value": n.Name}},
		{"site", string(made.Site), map[string]any{"name": n.Site, "zone": n.Zone, "repeat_window_us": n.RepeatWindow.Microseconds()}},
		{"membership", string(made.Owner), map[string]any{"account_id": account, "role": string(timeclock.Owner), "name": n.OwnerName, "state": activeMember}},
	}
	err = s.inTx(ctx, func(ctx context.Context, t tx) error {
		now := s.nowUS()
		if err := t.insert(ctx, "company_seq", "(company_id, seq, epoch, horizon_seq)", [][]any{{string(made.ID), int64(0), op.NewID(), int64(0)}}); err != nil {
			return err
		}
		var login any
		directory := [][]any{{"account", account, string(made.ID)}}
		if n.Login != "" {
			login = LoginKey(n.Login)
			directory = append(directory, []any{"login", LoginKey(n.Login), string(made.ID)})
		}
		if err := t.insert(ctx, "directory", "(kind, key, company_id)", directory); err != nil {
			return err
		}
		if err := t.insert(ctx, "account", "(account_id, login_key, password_hash, state, changed_us)",
			[][]any{{account, login, hash, "active", int64(now)}}); err != nil {
			return err
		}
		own := Device{Company: made.ID, ID: cloudDevice(made.ID), Profile: timeclock.Cloud, Site: made.Site, PublicKey: key.Public().(ed25519.PublicKey)}
		if err := t.insertDevice(ctx, own, "Cloud", "", op.Schema, now); err != nil {
			return err
		}
		return s.putAsCloud(ctx, t, made.ID, puts)
	})
	if err != nil {
		return Company{}, fmt.Errorf("create company %s: %w", n.Name, err)
	}
	return made, nil
}

// cloudDevice returns the id of the company's own device, on whose chain stands
// what the cloud itself brings forth.
func cloudDevice(c timeclock.CompanyID) timeclock.DeviceID { return timeclock.DeviceID(c) }

// ownPut is a row that the cloud makes.
type ownPut struct {
	table, id string
	set       map[string]any
}

// putAsCloud makes rows through the one apply.
func (s *Store) putAsCloud(ctx context.Context, t tx, c timeclock.CompanyID, puts []ownPut) error {
	key, err := s.keys.Company(c)
	if err != nil {
		return err
	}
	if _, err := t.takeSeqs(ctx, c, 0); err != nil { // locks the company before its chain is read
		return err
	}
	d, err := deviceByID(ctx, t, c, cloudDevice(c))
	if err != nil {
		return err
	}
	clock := s.cloudClock()
	b := &batch{store: s, Push: Push{Company: c, Device: d.ID, RecvUS: clock.Wall, TS: clock.Wall}, poison: map[int]bool{}}
	h := d.lastH
	for i, p := range puts {
		body, err := op.Encode(op.PutBody{Head: op.NewHead(string(d.ID), ""), ID: p.id, Set: p.set, Clock: clock})
		if err != nil {
			return err
		}
		o := op.Op{N: d.LastN + int64(i) + 1, ID: op.NewID(), Kind: op.Put(p.table), Body: body}
		h = op.ChainHash(h, c, d.ID, o)
		b.changes = append(b.changes, readChange(o))
		b.Request.Ops = append(b.Request.Ops, o)
	}
	b.Request.Now = clock
	b.Request.Head = op.SignHead(key, h, d.LastN+int64(len(puts)), clock)
	if err := b.run(ctx, t); err != nil {
		return err
	}
	for i, r := range b.answer.Results {
		if r.Status != op.Accepted {
			return fmt.Errorf("%s of the cloud itself: %s %s", puts[i].table, r.Status, r.Reason)
		}
	}
	return nil
}

// cloudClock returns the cloud's own clock in the form of a device's.
func (s *Store) cloudClock() op.Clock {
	now := s.now()
	return op.Clock{Wall: timeclock.MicrosOf(now), Mono: now.Sub(s.since).Microseconds(), Boot: s.boot}
}

// newBoot returns an id for this run of the program.
func newBoot() string { return op.NewID() }
