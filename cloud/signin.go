package cloud

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"time"

	"clockface/cloud/store"
	"clockface/sync/op"
)

const (
	firstWait = time.Second
	longWait  = 5 * time.Minute
	// rememberedTries bounds the memory that strangers can take.
	rememberedTries = 10_000
)

// errBadLogin says the same for an unknown login, a wrong password, a wrong
// token, and an account that is no member here.
var errBadLogin = errors.New("login, password or token not right")

// enroll makes a device. Who tries wrong codes is let try ever more slowly.
func (s *Server) enroll(ctx context.Context, r op.EnrollRequest) (op.EnrollAnswer, error) {
	if len(r.PublicKey) != ed25519.PublicKeySize {
		return op.EnrollAnswer{}, badRequest("public_key must be 32 bytes of Ed25519")
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

// tries slows down who fails again and again. The first few failures cost
// nothing, then the wait doubles from a second to five minutes.
type tries struct {
	free int
	now  func() time.Time

	mu     sync.Mutex
	counts map[string]attempt
}

type attempt struct {
	failures int
	until    time.Time
}

func newTries(free int, now func() time.Time) *tries {
	return &tries{free: free, now: now, counts: map[string]attempt{}}
}

// wait returns how long who has to wait before the next try.
func (t *tries) wait(who string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts[who].until.Sub(t.now())
}

// failed counts a failure.
func (t *tries) failed(who string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.counts) >= rememberedTries {
		for k, a := range t.counts {
			if a.until.Add(longWait).Before(t.now()) {
				delete(t.counts, k)
			}
		}
		if len(t.counts) >= rememberedTries {
			clear(t.counts)
		}
	}
	a := t.counts[who]
	a.failures++
	a.until = t.now()
	if over := a.failures - t.free; over > 0 {
		a.until = a.until.Add(min(firstWait<<min(over-1, 20), longWait))
	}
	t.counts[who] = a
}

// passed forgets the failures.
func (t *tries) passed(who string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.counts, who)
}
