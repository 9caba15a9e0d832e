package sync

import (
	"context"
	"time"
)

// hintWaiter holds one long poll open while the device is idle. A hint carries
// no data, so losing one costs a poll interval and nothing else.
type hintWaiter struct {
	client *Client
	store  Store
	now    func() time.Time

	answers chan hintAnswer // holds one, so that a poll never waits for its reader
	running bool
	began   time.Time
	from    string    // cursor that the open poll began with
	notYet  time.Time // no poll before this
	cancel  context.CancelFunc
	timer   *time.Timer
}

type hintAnswer struct {
	headSeq int64
	err     error
}

func newHintWaiter(c *Client, s Store, now func() time.Time) *hintWaiter {
	return &hintWaiter{client: c, store: s, now: now, answers: make(chan hintAnswer, 1)}
}

// start opens a poll unless one is open or the pause after a failed one is not over.
func (w *hintWaiter) start(ctx context.Context) {
	if w.running || w.now().Before(w.notYet) {
		return
	}
	cursor, err := w.store.Cursor(ctx)
	if err != nil {
		w.pause()
		return
	}
	ctx, w.cancel = context.WithCancel(ctx)
	w.running, w.began, w.from = true, w.now(), cursor
	go func() {
		head, err := w.client.Wait(ctx, cursor)
		w.answers <- hintAnswer{head, err}
	}()
}

// hints takes an answer and reports whether a round should follow: the cloud has
// something newer, or the poll broke, which a round will look into.
func (w *hintWaiter) hints(ctx context.Context, a hintAnswer) bool {
	w.cancel()
	w.running = false
	if a.err != nil {
		w.pause()
		return true
	}
	if from, ok := cursorSeq(w.from); ok && a.headSeq <= from {
		if w.now().Sub(w.began) < time.Second {
			w.pause() // an answer without news should have taken its time
		}
		return false
	}
	// A round may have fetched the news since: compare with the cursor of today.
	cursor, err := w.store.Cursor(ctx)
	seq, ok := cursorSeq(cursor)
	return err != nil || !ok || a.headSeq > seq
}

func (w *hintWaiter) pause() { w.notYet = w.now().Add(waitGap) }

// retry fires when a pause is over; it is nil, which blocks, when there is none.
func (w *hintWaiter) retry() <-chan time.Time {
	left := w.notYet.Sub(w.now())
	if w.running || left <= 0 {
		return nil
	}
	if w.timer != nil {
		w.timer.Stop()
	}
	w.timer = time.NewTimer(left)
	return w.timer.C
}

// stop ends an open poll and waits for it.
func (w *hintWaiter) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
	if w.running {
		w.cancel()
		<-w.answers
		w.running = false
	}
}
