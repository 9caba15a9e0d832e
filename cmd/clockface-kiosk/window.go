package main

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"clockface/kiosk"
)

func (w *wiring) window(ctx context.Context, config kiosk.Config, others func(context.Context, *errgroup.Group)) error {
	return errors.New("no window yet")
}
