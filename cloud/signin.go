package cloud

import (
	"context"
	"crypto/ed25519"
	"errors"
	"strings"

	"clockface/cloud/store"
	"clockface/sync/op"
)

// errBadLogin says the same for an unknown login, a wrong password, a wrong
// token, and an account that is no member here.
var errBadLogin = errors.New("login, password or token not right")

// enroll makes a device. Who tries wrong codes is let try ever more slowly.
func (s *Server) enroll(ctx context.Context, r op.EnrollRequest) (op.EnrollAnswer, error) {
	if len(r.PublicKey) != ed25519.PublicKeySize {
		return op.EnrollAnswer{}, badRequest("public_key must be 32 bytes of Ed25519")
	}
	if strings.ContainsRune(r.Name, 0) || strings.Contains(r.Name, `\u0000`) {
		return op.EnrollAnswer{}, badRequest("name must hold no NUL") // PostgreSQL keeps none in a text
	}
	from := hostOf(ctx)
	if wait := s.codes.wait(from); wait > 0 {
		return op.EnrollAnswer{}, &busyError{after: wait}
	}
	a, err := s.store.Enroll(ctx, r)
	switch {
	case errors.Is(err, store.ErrBadCode):
		s.codes.failed(from)
	case err == nil:
		s.codes.passed(from)
		s.hub.changed(a.Company) // the device's name
		s.log.Info("device enrolled", "company", a.Company, "device", a.Device, "profile", r.Profile)
	}
	return a, err
}

func (s *Server) signIn(ctx context.Context, r op.SignInRequest) (op.SignInAnswer, error) {
	if len(r.ActorKey) != ed25519.PublicKeySize {
		return op.SignInAnswer{}, badRequest("actor_key must be 32 bytes of Ed25519")
	}
	from := callerOf(ctx)
	who := "login " + store.LoginKey(r.Login)
	if r.Token != "" {
		who = "token " + string(from.device.ID)
	}
	if wait := s.logins.wait(who); wait > 0 {
		return op.SignInAnswer{}, &busyError{after: wait}
	}
	a, err := s.accountFor(ctx, r)
	if err == nil {
		var answer op.SignInAnswer
		if answer, err = s.store.Grant(ctx, from.device, a, r.ActorKey); err == nil {
			s.logins.passed(who)
			return answer, nil
		}
	}
	if errors.Is(err, store.ErrNoMember) || errors.Is(err, store.ErrNoAccount) {
		err = errBadLogin
	}
	if errors.Is(err, errBadLogin) {
		s.logins.failed(who)
	}
	return op.SignInAnswer{}, err
}

// accountFor returns the account that the token or the password belongs to.
func (s *Server) accountFor(ctx context.Context, r op.SignInRequest) (store.Account, error) {
	if r.Token != "" {
		return s.store.AccountByToken(ctx, r.Token)
	}
	a, err := s.store.AccountByLogin(ctx, r.Login)
	if err != nil && !errors.Is(err, store.ErrNoAccount) {
		return store.Account{}, err
	}
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return store.Account{}, ctx.Err()
	}
	ok, err := a.CheckPassword(r.Password)
	if err != nil {
		return store.Account{}, err
	}
	if !ok {
		return store.Account{}, errBadLogin
	}
	return a, nil
}
