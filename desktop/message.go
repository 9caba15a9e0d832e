package desktop

import "errors"

// sentences says which words belong to which error. The first that fits counts.
var sentences = []struct {
	err error
	key string
}{
	{ErrSignInNeeded, "error.sign_in_needed"},
	{ErrWrongSecret, "error.wrong_secret"},
	{ErrTriesClosed, "error.tries_closed"},
	{ErrCloudAway, "error.cloud_away"},
	{ErrGrantEnded, "error.grant_ended"},
	{ErrDiskFull, "error.disk_full"},
	{ErrNotAllowed, "error.not_allowed"},
	{ErrChangedMeanwhile, "error.changed_meanwhile"},
	{ErrNothingToUndo, "error.nothing_to_undo"},
	{ErrNothingToDo, "error.nothing_to_do"},
	{ErrReasonMissing, "error.reason_missing"},
	{ErrBadTime, "error.bad_time"},
}

// Sentence returns what a person reads about an error: what happened and what to
// do. An error without words of its own goes to the log and gets a general
// sentence.
func (d *Desk) Sentence(err error) string {
	for _, s := range sentences {
		if errors.Is(err, s.err) {
			return d.Texts().T(s.key)
		}
	}
	d.log.Error("action", "error", err)
	return d.Texts().T("error.general")
}
