package station

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"

	"clockface/localdb"
	punchsync "clockface/sync"
	"clockface/sync/op"
)

// SignIn opens a grant for a person. While the cloud cannot be reached it opens
// the one that this device still holds from an earlier sign-in with the same
// login and password.
func (s *Station) SignIn(ctx context.Context, login, password string) (*localdb.Actor, error) {
	login = strings.TrimSpace(login)
	// The login is part of the secret: two people with one password are not one person.
	secret := []byte(strings.ToLower(login) + "\n" + password)
	return s.signIn(ctx, op.SignInRequest{Login: login, Password: password}, secret)
}

// SignInWithToken is SignIn with the content of an owner's token file.
func (s *Station) SignInWithToken(ctx context.Context, token string) (*localdb.Actor, error) {
	token = strings.TrimSpace(token)
	return s.signIn(ctx, op.SignInRequest{Token: token}, []byte(token))
}

func (s *Station) signIn(ctx context.Context, req op.SignInRequest, secret []byte) (*localdb.Actor, error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("make actor key: %w", err)
	}
	req.ActorKey = public
	answer, err := s.Client.SignIn(ctx, req)
	if errors.Is(err, punchsync.ErrUnreachable) {
		actor, localErr := s.DB.OpenSignIn(ctx, secret)
		if errors.Is(localErr, localdb.ErrNoGrant) {
			return nil, err // nothing here to open: the cloud is what is missing
		}
		return actor, localErr
	}
	if err != nil {
		return nil, err
	}
	return s.DB.SaveSignIn(ctx, answer, private, secret)
}
