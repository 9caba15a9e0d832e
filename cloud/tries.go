package cloud

import (
	"sync"
	"time"
)

const (
	firstWait = time.Second
	longWait  = 5 * time.Minute
	// rememberedTries bounds the memory that strangers can take.
	rememberedTries = 10_000
)

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
