package sync

import (
	"context"
	"fmt"
	"sync"

	"clockface/sync/op"
	"clockface/timeclock"
)

// memStore is a Store in memory. Like the replica it survives the Replicator:
// what a crash loses is only what the Replicator itself held.
type memStore struct {
	mu       sync.Mutex
	ops      []op.Op
	heads    [][]byte
	status   map[string]op.Status
	rows     map[string]op.Row
	cursor   string
	offset   int64
	known    bool
	problem  error
	rewound  []int64
	failPage error // what the next ApplyPage answers
	changes  chan struct{}
}

func newMemStore() *memStore {
	return &memStore{status: map[string]op.Status{}, rows: map[string]op.Row{}, changes: make(chan struct{}, 1)}
}

// punch commits an op like a kiosk does and returns its id.
func (s *memStore) punch() string { return s.commit(op.PunchAdd, "") }

func (s *memStore) commit(kind op.Kind, padding string) string {
	s.mu.Lock()
	o := op.Op{N: int64(len(s.ops)) + 1, ID: op.NewID(), Kind: kind, Body: fmt.Sprintf(`{"place":%q}`, padding)}
	var prev []byte
	if len(s.heads) > 0 {
		prev = s.heads[len(s.heads)-1]
	}
	s.ops = append(s.ops, o)
	s.heads = append(s.heads, op.ChainHash(prev, testCompany, testDevice, o))
	s.status[o.ID] = op.Queued
	s.mu.Unlock()
	s.hint()
	return o.ID
}

func (s *memStore) hint() {
	select {
	case s.changes <- struct{}{}:
	default:
	}
}

func (s *memStore) answered() int {
	for i, o := range s.ops {
		if st := s.status[o.ID]; st == op.Queued || st == op.Sent {
			return i
		}
	}
	return len(s.ops)
}

func (s *memStore) Outbox(_ context.Context, max, maxBytes int) ([]op.Op, []byte, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := s.answered()
	var ops []op.Op
	for _, o := range s.ops[from:] {
		if len(ops) == max || maxBytes < len(o.Body) && len(ops) > 0 {
			break
		}
		maxBytes -= len(o.Body)
		s.status[o.ID] = op.Sent
		ops = append(ops, o)
	}
	if len(ops) == 0 {
		return nil, nil, int64(from), nil
	}
	return ops, s.heads[from+len(ops)-1], int64(from), nil
}

func (s *memStore) RequeueSent(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, st := range s.status {
		if st == op.Sent {
			s.status[id] = op.Queued
		}
	}
	return nil
}

func (s *memStore) RewindTo(_ context.Context, lastN int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rewound = append(s.rewound, lastN)
	for _, o := range s.ops {
		if o.N > lastN {
			s.status[o.ID] = op.Queued
		}
	}
	return nil
}

func (s *memStore) ApplyPush(_ context.Context, a op.PushAnswer) error {
	s.mu.Lock()
	for _, r := range a.Results {
		s.status[r.ID] = r.Status
	}
	s.mu.Unlock()
	s.hint()
	return nil
}

func (s *memStore) Cursor(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursor, nil
}

func (s *memStore) ApplyPage(_ context.Context, p op.PullAnswer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failPage; err != nil {
		s.failPage = nil
		return err
	}
	for _, r := range p.Rows {
		s.rows[r.Table+"/"+r.ID] = r
	}
	s.cursor = p.Cursor
	return nil
}

func (s *memStore) ApplySnapshot(_ context.Context, p op.SnapshotAnswer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range p.Rows {
		s.rows[r.Table+"/"+r.ID] = r
	}
	if p.AsOf != "" {
		s.cursor = p.AsOf
	}
	return nil
}

func (s *memStore) Offset(context.Context) (int64, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.offset, s.known, nil
}

func (s *memStore) SaveOffset(_ context.Context, us, _ int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset, s.known = us, true
	return nil
}

func (s *memStore) NoteContact(_ context.Context, _ timeclock.Micros, problem error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problem = problem
	return nil
}

func (s *memStore) Unanswered(context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ops) - s.answered(), nil
}

func (s *memStore) Changes() <-chan struct{} { return s.changes }

func (s *memStore) row(table, id string) (op.Row, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.rows[table+"/"+id]
	return r, ok
}
