package sync

import (
	"context"

	"clockface/sync/op"
	"clockface/timeclock"
)

// A Store is the replica as the device loop sees it; *localdb.DB is one. Each
// method that writes is one transaction.
type Store interface {
	// Outbox returns the next ops without a final status, contiguous from the
	// one after ackedN, at most max of them and about maxBytes of bodies (but
	// always one when there is one), and marks them sent. headH is the chain
	// hash at the last of them.
	Outbox(ctx context.Context, max, maxBytes int) (ops []op.Op, headH []byte, ackedN int64, err error)
	// RequeueSent makes ops that were sent without an answer queued again.
	RequeueSent(ctx context.Context) error
	// RewindTo makes every op after lastN queued again, answered ones too: the
	// cloud was restored from a backup and has lost them.
	RewindTo(ctx context.Context, lastN int64) error
	// ApplyPush writes the fate of the ops that were sent and the rows that came
	// with it.
	ApplyPush(ctx context.Context, answer op.PushAnswer) error

	// Cursor returns where the next pull begins; empty = this replica has never
	// been filled.
	Cursor(ctx context.Context) (string, error)
	// ApplyPage writes the rows of a pull together with its cursor.
	ApplyPage(ctx context.Context, page op.PullAnswer) error
	// ApplySnapshot writes those rows that are newer than the local ones. AsOf is
	// set on the last page alone and becomes the cursor in the same transaction.
	ApplySnapshot(ctx context.Context, page op.SnapshotAnswer) error

	// Offset returns server time minus device time in microseconds; known is
	// false before the first contact.
	Offset(ctx context.Context) (offsetUS int64, known bool, err error)
	// SaveOffset keeps the offset and half the round trip it was measured with.
	SaveOffset(ctx context.Context, offsetUS, errUS int64) error
	// NoteContact keeps how the newest try to reach the cloud ended; a nil
	// problem is a success.
	NoteContact(ctx context.Context, at timeclock.Micros, problem error) error
	// Unanswered returns the number of ops without a final status.
	Unanswered(ctx context.Context) (int, error)
	// Changes gives a hint after each commit on the replica, by whatever program.
	// Each call is a subscription of its own, which closing the store closes.
	Changes() <-chan struct{}
}
