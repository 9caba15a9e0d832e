package cloud

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"clockface/cloud/store"
	"clockface/sync/op"
	"clockface/timeclock"
)

// longPoll is the longest that a wait stays open.
const longPoll = 25 * time.Second

type pushInput struct{ Body op.PushRequest }

type pushOutput struct{ Body op.PushAnswer }

type pullInput struct {
	Cursor string `query:"cursor" required:"true" doc:"<epoch>.<seq>, from a snapshot or the pull before"`
	Limit  int    `query:"limit" minimum:"0" maximum:"2000" doc:"rows at most; 0 = 2000"`
}

type pullOutput struct{ Body op.PullAnswer }

type snapshotInput struct {
	Tables string `query:"tables" doc:"names with commas between; empty = all that the profile holds"`
	After  string `query:"after" doc:"<table>/<id> of the last row of the page before"`
	Order  string `query:"order" enum:"asc,desc" default:"asc" doc:"of ids; desc = newest first"`
	Limit  int    `query:"limit" minimum:"0" maximum:"2000" doc:"rows at most; 0 = 2000"`
}

type snapshotOutput struct{ Body op.SnapshotAnswer }

type waitInput struct {
	Cursor string `query:"cursor" required:"true"`
}

type waitOutput struct{ Body op.WaitAnswer }

// KnownRequest is the body of POST /v1/sync/known.
type KnownRequest struct {
	IDs []string `json:"ids" maxItems:"500" doc:"ids of ops without an answer"`
}

// KnownAnswer names those of the ops that the company's log holds.
type KnownAnswer struct {
	IDs []string `json:"ids"`
}

type knownInput struct{ Body KnownRequest }

type knownOutput struct{ Body KnownAnswer }

func (s *Server) syncRoutes(api huma.API) {
	push := operation(http.MethodPost, "/v1/sync/push", "push", "Bring the ops of the device's chain", api)
	push.SkipValidateBody = true // the store checks every op; a second reading of 500 bodies would double the cost
	huma.Register(api, push, func(ctx context.Context, in *pushInput) (*pushOutput, error) {
		from := callerOf(ctx)
		a, err := s.store.Push(ctx, store.Push{Company: from.device.Company, Device: from.device.ID, Request: in.Body, RecvUS: from.recv, TS: from.ts})
		if err != nil {
			return nil, s.problemOf(err)
		}
		if len(a.Results) > 0 {
			s.hub.changed(from.device.Company)
		}
		return &pushOutput{Body: a}, nil
	})
	huma.Register(api, operation(http.MethodPost, "/v1/sync/known", "known", "Which of these ops the cloud has", api),
		func(ctx context.Context, in *knownInput) (*knownOutput, error) {
			ids, err := s.store.KnownOps(ctx, callerOf(ctx).device, in.Body.IDs)
			if err != nil {
				return nil, s.problemOf(err)
			}
			slices.Sort(ids)
			return &knownOutput{Body: KnownAnswer{IDs: ids}}, nil
		})
	huma.Register(api, operation(http.MethodGet, "/v1/sync/pull", "pull", "The rows that changed after the cursor", api),
		func(ctx context.Context, in *pullInput) (*pullOutput, error) {
			a, err := s.store.Pull(ctx, callerOf(ctx).device, in.Cursor, in.Limit)
			if err != nil {
				return nil, s.problemOf(err)
			}
			return &pullOutput{Body: a}, nil
		})
	huma.Register(api, operation(http.MethodGet, "/v1/sync/snapshot", "snapshot", "All rows, a page at a time", api),
		func(ctx context.Context, in *snapshotInput) (*snapshotOutput, error) {
			p := store.Page{After: in.After, Newest: in.Order == "desc", Limit: in.Limit}
			if in.Tables != "" {
				p.Tables = strings.Split(in.Tables, ",")
			}
			a, err := s.store.Snapshot(ctx, callerOf(ctx).device, p)
			if err != nil {
				return nil, s.problemOf(err)
			}
			return &snapshotOutput{Body: a}, nil
		})
	huma.Register(api, operation(http.MethodGet, "/v1/sync/wait", "wait", "Answer when something changed, at the latest after 25 s", api),
		func(ctx context.Context, in *waitInput) (*waitOutput, error) {
			seq, err := s.waitFor(ctx, callerOf(ctx).device.Company, in.Cursor)
			if err != nil {
				return nil, s.problemOf(err)
			}
			return &waitOutput{Body: op.WaitAnswer{HeadSeq: seq}}, nil
		})
}

// waitFor returns the company's newest sequence number as soon as it is beyond
// the cursor, or when the wait is over.
func (s *Server) waitFor(ctx context.Context, c timeclock.CompanyID, cursor string) (int64, error) {
	after, err := store.CursorSeq(cursor)
	if err != nil {
		return 0, err
	}
	change := s.hub.next(c) // before reading, so that no change falls between
	seq, _, err := s.store.HeadSeq(ctx, c)
	if err != nil || seq > after {
		return seq, err
	}
	over := time.NewTimer(longPoll)
	defer over.Stop()
	select {
	case <-change:
	case <-over.C:
	case <-ctx.Done():
	}
	seq, _, err = s.store.HeadSeq(context.WithoutCancel(ctx), c)
	return seq, err
}

// hub wakes the waits of a company when a request to this process changed it. A
// missed wake costs a poll interval, no more.
type hub struct {
	mu     sync.Mutex
	closed bool
	waits  map[timeclock.CompanyID]chan struct{}
}

func newHub() *hub { return &hub{waits: map[timeclock.CompanyID]chan struct{}{}} }

// next returns a channel that closes with the company's next change.
func (h *hub) next(c timeclock.CompanyID) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	ch, ok := h.waits[c]
	if !ok {
		ch = make(chan struct{})
		if h.closed {
			close(ch)
			return ch
		}
		h.waits[c] = ch
	}
	return ch
}

// changed wakes who waits for the company.
func (h *hub) changed(c timeclock.CompanyID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ch, ok := h.waits[c]; ok {
		close(ch)
		delete(h.waits, c)
	}
}

// close wakes everybody and lets nobody wait any more. It may be called twice.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, ch := range h.waits {
		close(ch)
	}
	clear(h.waits)
}
