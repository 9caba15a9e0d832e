package store

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"clockface/sync/op"
	"clockface/timeclock"
)

// grantFor is how long a grant lasts.
const grantFor = 14 * 24 * time.Hour

// Account is a login; it may be a member of companies.
type Account struct {
	ID           string
	passwordHash string
}

// passwordParams cost 19 MiB and two passes, OWASP's first choice for argon2id:
// little enough that a small server takes several sign-ins at once.
func passwordParams() *argon2id.Params {
	return &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// CheckPassword reports whether the password is the account's. For the zero
// Account it takes as long and says no, so that nobody learns which logins exist.
func (a Account) CheckPassword(password string) (bool, error) {
	if a.passwordHash == "" {
		_, err := argon2id.CreateHash(password, passwordParams())
		return false, err
	}
	ok, err := argon2id.ComparePasswordAndHash(password, a.passwordHash)
	if err != nil {
		return false, fmt.Errorf("check password of account %s: %w", a.ID, err)
	}
	return ok, nil
}

// LoginKey returns the form in which logins are compared.
func LoginKey(login string) string {
	return cases.Fold().String(norm.NFC.String(strings.TrimSpace(login)))
}

// AccountByLogin returns the account with that login, or ErrNoAccount.
func (s *Store) AccountByLogin(ctx context.Context, login string) (Account, error) {
	return s.account(ctx, "SELECT account_id, password_hash FROM account WHERE state = 'active' AND login_key = $1", LoginKey(login))
}

// AccountByToken returns the account whose token it is, or ErrNoAccount. An
// account with a password has no token.
func (s *Store) AccountByToken(ctx context.Context, token string) (Account, error) {
	return s.account(ctx, "SELECT account_id, password_hash FROM account WHERE state = 'active' AND password_hash = '' AND token_sha = $1", tokenSHA(token))
}

func (s *Store) account(ctx context.Context, text, key string) (Account, error) {
	var a Account
	found, err := one(ctx, s.read, text, []any{key}, &a.ID, &a.passwordHash)
	if err != nil {
		return Account{}, s.named(fmt.Errorf("read account: %w", err))
	}
	if !found {
		return Account{}, ErrNoAccount
	}
	return a, nil
}

// Grant lets the account act from the device for 14 days with the actor key. It
// returns ErrNoMember where the account is no active member of the company.
func (s *Store) Grant(ctx context.Context, d Device, a Account, actorKey []byte) (op.SignInAnswer, error) {
	var id timeclock.MembershipID
	found, err := one(ctx, s.read, `SELECT id FROM membership WHERE company_id = $1 AND account_id = $2 AND NOT deleted AND state = 'active'`,
		[]any{string(d.Company), a.ID}, &id)
	if err != nil {
		return op.SignInAnswer{}, s.named(fmt.Errorf("read membership of account %s: %w", a.ID, err))
	}
	if !found {
		return op.SignInAnswer{}, ErrNoMember
	}
	m, err := memberByID(ctx, s.read, d.Company, id)
	if err != nil {
		return op.SignInAnswer{}, s.named(err)
	}
	key, err := s.keys.Company(d.Company)
	if err != nil {
		return op.SignInAnswer{}, err
	}
	now := s.now()
	g := op.Grant{ID: op.NewID(), Company: d.Company, Membership: id, Device: d.ID, ActorKey: actorKey,
		IssuedUS: timeclock.MicrosOf(now), ExpiresUS: timeclock.MicrosOf(now.Add(grantFor))}
	g.Signature = ed25519.Sign(key, g.SigningBytes())
	err = s.inTx(ctx, func(ctx context.Context, t tx) error {
		return t.insert(ctx, "sign_in_grant",
			"(company_id, grant_id, membership_id, device_id, actor_key, issued_us, expires_us, revoked_us, signature)",
			[][]any{{string(g.Company), g.ID, string(g.Membership), string(g.Device), g.ActorKey,
				int64(g.IssuedUS), int64(g.ExpiresUS), int64(0), g.Signature}})
	})
	if err != nil {
		return op.SignInAnswer{}, fmt.Errorf("keep grant: %w", err)
	}
	return op.SignInAnswer{Grant: g, Role: m.role, Name: m.name}, nil
}

// storedGrant is a grant and when it was revoked; 0 = it was not.
type storedGrant struct {
	op.Grant
	revokedUS int64
}

func grantByID(ctx context.Context, q querier, c timeclock.CompanyID, id string) (storedGrant, bool, error) {
	g := storedGrant{Grant: op.Grant{ID: id, Company: c}}
	found, err := one(ctx, q, `SELECT membership_id, device_id, actor_key, issued_us, expires_us, revoked_us, signature
		FROM sign_in_grant WHERE company_id = $1 AND grant_id = $2`, []any{string(c), id},
		&g.Membership, &g.Device, &g.ActorKey, &g.IssuedUS, &g.ExpiresUS, &g.revokedUS, &g.Signature)
	if err != nil {
		return storedGrant{}, false, fmt.Errorf("read grant %s: %w", id, err)
	}
	return g, found, nil
}

// SetPassword gives the account with that login a new password, ends its token
// and revokes its grants. Where no account has the login, the only account that
// has none yet gets it: the owner made without one. Otherwise ErrNoAccount.
func (s *Store) SetPassword(ctx context.Context, login, password string) error {
	hash, err := argon2id.CreateHash(password, passwordParams())
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	return s.inTx(ctx, func(ctx context.Context, t tx) error {
		now := int64(s.nowUS())
		id, err := t.accountForLogin(ctx, LoginKey(login))
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, "UPDATE account SET login_key = $2, password_hash = $3, token_sha = NULL, changed_us = $4 WHERE account_id = $1",
			id, LoginKey(login), hash, now)
		if err != nil {
			return fmt.Errorf("set password: %w", err)
		}
		_, err = t.exec(ctx, `UPDATE sign_in_grant SET revoked_us = $2 WHERE revoked_us = 0
			AND company_id IN (SELECT company_id FROM directory WHERE kind = 'account' AND key = $1)
			AND membership_id IN (SELECT m.id FROM membership m WHERE m.company_id = sign_in_grant.company_id AND m.account_id = $1)`, id, now)
		if err != nil {
			return fmt.Errorf("revoke grants: %w", err)
		}
		return nil
	})
}

func (t tx) accountForLogin(ctx context.Context, key string) (string, error) {
	var id string
	found, err := one(ctx, t, "SELECT account_id FROM account WHERE login_key = $1", []any{key}, &id)
	if err != nil {
		return "", fmt.Errorf("look up login: %w", err)
	}
	if found {
		return id, nil
	}
	var without int
	_, err = one(ctx, t, "SELECT count(*), coalesce(min(account_id), '') FROM account WHERE login_key IS NULL", nil, &without, &id)
	if err != nil {
		return "", fmt.Errorf("look up account without login: %w", err)
	}
	if without != 1 {
		return "", ErrNoAccount
	}
	return id, nil
}

// NewOwnerToken gives the owner of the company, who has no password, a new
// token to sign in with; the one before ends. It returns ErrNoAccount where the
// owner has a password.
func (s *Store) NewOwnerToken(ctx context.Context, c timeclock.CompanyID) (string, error) {
	token := newToken()
	err := s.inTx(ctx, func(ctx context.Context, t tx) error {
		var id string
		found, err := one(ctx, t, `SELECT a.account_id FROM membership m JOIN account a ON a.account_id = m.account_id
			WHERE m.company_id = $1 AND m.role = 'owner' AND NOT m.deleted AND a.password_hash = ''`, []any{string(c)}, &id)
		if err != nil || !found {
			return notFound(err, ErrNoAccount)
		}
		_, err = t.exec(ctx, "UPDATE account SET token_sha = $2, changed_us = $3 WHERE account_id = $1", id, tokenSHA(token), int64(s.nowUS()))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make owner token: %w", err)
	}
	return token, nil
}
