package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"
	_ "time/tzdata" // a server's machine may have no time zones installed

	"golang.org/x/sync/errgroup"

	"clockface/cloud"
)

// stopWithin is how long open requests may take after a signal.
const stopWithin = 10 * time.Second

// gcPercent lets the heap grow to four times what lives before it is collected.
// A server's live heap is a few megabytes, so that collecting at twice of it
// took a fifth of an ingest's time; GOGC in the environment overrides it.
const gcPercent = 300

type serveCommand struct {
	database
	Addr string `default:"127.0.0.1:8080" help:"Address to listen on; port 0 takes a free one."`
}

// Help returns examples.
func (serveCommand) Help() string {
	return `Prints one line, "clockface-cloud: listening on http://HOST:PORT", when it is ready. Ends on SIGTERM or SIGINT.
It speaks plain HTTP: put a proxy with TLS before it unless devices run on the same machine.

Examples:
  clockface-cloud serve --db sqlite:cloud.db
  clockface-cloud serve --db postgres://clockface@db/clockface --addr :8080 --key /etc/clockface/cloud.key`
}

// Run serves until the signal comes.
func (c *serveCommand) Run(t *terminal) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	s, err := c.open(t)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return errors.Join(fmt.Errorf("listen on %s: %w", c.Addr, err), s.Close())
	}
	api := cloud.NewServer(cloud.Config{Store: s, Log: t.log})
	server := &http.Server{Handler: api, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
	if _, err := fmt.Fprintf(t.out, "clockface-cloud: listening on http://%s\n", l.Addr()); err != nil {
		return errors.Join(err, l.Close(), s.Close())
	}
	g, ctx := errgroup.WithContext(t.ctx)
	g.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		api.EndWaits()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		return server.Shutdown(ctx)
	})
	return errors.Join(g.Wait(), s.Close())
}
