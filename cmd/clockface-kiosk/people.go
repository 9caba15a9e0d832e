package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"math/big"
	"slices"
	"sync"

	"clockface/cmd/internal/station"
	"clockface/kiosk"
	"clockface/localdb"
	"clockface/localdb/vault"
	"clockface/timeclock"
)

// people knows the staff and keeps their opened PIN verifiers and face templates
// in memory, since opening the sealed ones takes longer than a person waits.
type people struct {
	st  *station.Station
	log *slog.Logger

	mu    sync.Mutex
	pins  map[timeclock.EmployeeID]string
	faces []vault.Template
	read  map[timeclock.CredentialKind][]localdb.Credential // what pins and faces were opened from
}

func newPeople(st *station.Station, log *slog.Logger) *people {
	return &people{st: st, log: log, read: map[timeclock.CredentialKind][]localdb.Credential{}}
}

// ByID returns an active person.
func (p *people) ByID(ctx context.Context, id timeclock.EmployeeID) (timeclock.Employee, error) {
	return active(p.st.DB.EmployeeByID(ctx, id))
}

// ByNumber returns the active person of a number.
func (p *people) ByNumber(ctx context.Context, number string) (timeclock.Employee, error) {
	return active(p.st.DB.EmployeeByNumber(ctx, number))
}

func active(e timeclock.Employee, err error) (timeclock.Employee, error) {
	if err != nil {
		return timeclock.Employee{}, known(err)
	}
	if !e.Active {
		return timeclock.Employee{}, fmt.Errorf("%w: employee %s is not active", kiosk.ErrNoSuchPerson, e.ID)
	}
	return e, nil
}

// PINHash returns the verifier of a person's PIN, empty where there is none.
func (p *people) PINHash(ctx context.Context, id timeclock.EmployeeID) (string, error) {
	if _, err := p.reload(ctx, timeclock.PIN); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pins[id], nil
}

// reload opens the credentials of a kind again if they changed, and reports
// whether they did. One that cannot be opened is left out and logged: the others
// must go on working.
func (p *people) reload(ctx context.Context, kind timeclock.CredentialKind) (changed bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rows, err := p.st.DB.Credentials(ctx, kind)
	if err != nil {
		return false, fmt.Errorf("list credentials of kind %s: %w", kind, err)
	}
	before, known := p.read[kind]
	if known && slices.EqualFunc(before, rows, sameCredential) {
		return false, nil
	}
	found, skipped, err := p.st.DB.Templates(ctx, p.st.Keys, kind)
	if err != nil {
		return false, fmt.Errorf("open credentials of kind %s: %w", kind, err)
	}
	for _, err := range skipped {
		p.log.Warn("credential left out", "kind", kind, "error", err)
	}
	p.read[kind] = rows
	if kind == timeclock.PIN {
		p.pins = make(map[timeclock.EmployeeID]string, len(found))
		for _, t := range found {
			p.pins[t.Employee] = t.PINHash
		}
		return true, nil
	}
	p.faces = found
	return true, nil
}

// sameCredential compares rows with their ciphertext: a new PIN comes under the
// id of the old one.
func sameCredential(a, b localdb.Credential) bool {
	return a.ID == b.ID && a.Employee == b.Employee && a.KeyID == b.KeyID && bytes.Equal(a.Sealed, b.Sealed)
}

// templates returns the opened face templates.
func (p *people) templates() []vault.Template {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.faces
}

// pins checks PINs against the vault's verifiers.
type pins struct{ decoy string }

// newPINs makes the verifier that stands in where a number has none. A PIN that
// fits it by chance opens nothing, since nobody belongs to it.
func newPINs() (pins, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1e8))
	if err != nil {
		return pins{}, fmt.Errorf("make the decoy of a PIN: %w", err)
	}
	decoy, err := vault.HashPIN(fmt.Sprintf("%08d", n))
	if err != nil {
		return pins{}, fmt.Errorf("make the decoy of a PIN: %w", err)
	}
	return pins{decoy: decoy}, nil
}

// Verify reports whether the PIN fits the verifier.
func (pins) Verify(hash, pin string) (bool, error) { return vault.VerifyPIN(hash, pin) }

// Decoy returns a verifier of nobody's PIN.
func (p pins) Decoy() string { return p.decoy }
