package station

import (
	"context"
	"fmt"

	"clockface/localdb"
)

// replica is the data folder's replica as the device loop wants it.
type replica struct{ *localdb.DB }

// Unanswered returns the number of ops without a final status.
func (r replica) Unanswered(ctx context.Context) (int, error) {
	w, err := r.SyncStatus(ctx)
	return w.Queued + w.Sent, err
}

// RewindTo is for a cloud that was restored from a backup.
func (r replica) RewindTo(_ context.Context, lastN int64) error {
	return fmt.Errorf("the cloud lost what came after op %d of this device: restore a newer backup of the cloud", lastN)
}
