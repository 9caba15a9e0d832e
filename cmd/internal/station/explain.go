package station

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clockface/localdb"
	punchsync "clockface/sync"
	"clockface/sync/op"
	"clockface/timeclock"
)

// The exit codes of clockface, clockface-kiosk and clockface-desktop.
const (
	ExitOK          = 0
	ExitFailed      = 1 // something else; the sentence says what
	ExitUsage       = 2 // wrong flags or arguments
	ExitNotEnrolled = 3 // the device is not enrolled, or nobody is signed in
	ExitRefused     = 4 // the rules or the cloud do not allow it
	ExitUnreachable = 5 // the cloud cannot be reached
	ExitInUse       = 6 // another program holds the data folder
)

// NotEnrolledError tells that a folder has no device and no code came to make one.
type NotEnrolledError struct {
	Dir     string
	Profile timeclock.Profile // empty = unknown
}

// Error names the folder.
func (e *NotEnrolledError) Error() string { return "data folder " + e.Dir + " is not enrolled" }

// Unwrap returns [localdb.ErrNotEnrolled].
func (e *NotEnrolledError) Unwrap() error { return localdb.ErrNotEnrolled }

// ProfileError tells that a folder belongs to another kind of program.
type ProfileError struct {
	Dir        string
	Have, Want timeclock.Profile
}

// Error names the folder and both profiles.
func (e *ProfileError) Error() string {
	return fmt.Sprintf("data folder %s belongs to a %s, not to a %s", e.Dir, e.Have, e.Want)
}

// Explain returns the sentence that a person reads for an error, with what to do
// about it, and the exit code that a program ends with.
func Explain(err error) (sentence string, exit int) {
	var (
		inUse   *localdb.InUseError
		corrupt *localdb.CorruptError
		wait    *localdb.WaitError
		bare    *NotEnrolledError
		profile *ProfileError
		cloud   *punchsync.CloudError
	)
	switch {
	case err == nil:
		return "", ExitOK
	case errors.As(err, &inUse):
		return fmt.Sprintf("The data folder %s is in use by %s (process %d). End that program, or give another folder with --data.",
			inUse.Dir, inUse.Program, inUse.PID), ExitInUse
	case errors.As(err, &corrupt):
		return sentenceOf(corrupt), ExitFailed
	case errors.As(err, &bare):
		return explainBare(bare), ExitNotEnrolled
	case errors.As(err, &profile):
		return fmt.Sprintf("The data folder %s belongs to a %s. Give this %s a folder of its own with --data.",
			profile.Dir, profile.Have, profile.Want), ExitUsage
	case errors.As(err, &wait):
		return fmt.Sprintf("Too many wrong tries. Try again in %s.", max(wait.Wait.Round(time.Second), time.Second)), ExitRefused
	case errors.As(err, &cloud):
		return explainCloud(cloud)
	case errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, punchsync.ErrUnreachable):
		return "It took too long and was given up. Try again, with a longer --timeout where there is one.", ExitUnreachable
	}
	for _, e := range explained {
		if errors.Is(err, e.is) {
			if e.text == "" {
				return sentenceOf(err), e.exit
			}
			return e.text, e.exit
		}
	}
	return sentenceOf(err), ExitFailed
}

// explained are the sentinel errors; an empty text means that the error's own
// text is for people already.
var explained = []struct {
	is   error
	text string
	exit int
}{
	{localdb.ErrNotEnrolled, "This device is not enrolled. Enrol it with: clockface device enroll --cloud URL --code CODE --profile kiosk|desktop", ExitNotEnrolled},
	{localdb.ErrGrantExpired, "The sign-in on this device has expired. Sign in again with: clockface sign-in --login LOGIN", ExitNotEnrolled},
	{localdb.ErrNoGrant, "Nobody is signed in on this device. Sign in with: clockface sign-in --login LOGIN", ExitNotEnrolled},
	{localdb.ErrWrongSecret, "The password or token is not right.", ExitRefused},
	{localdb.ErrForbidden, "The role of the person who is signed in does not allow this. Ask an owner or administrator.", ExitRefused},
	{localdb.ErrNoConsent, "No consent is recorded for this person. Record it first with: clockface consent add --employee NUMBER --kind face --given YYYY-MM-DD", ExitRefused},
	{localdb.ErrNoCompanyKey, "The company has no key to seal with yet. Start its first kiosk once while the cloud can be reached, then run: clockface sync now", ExitRefused},
	{localdb.ErrInvalid, "", ExitRefused},
	{localdb.ErrPruned, "The cloud was restored from a backup that is older than what this device still keeps. An administrator must look at the device; nothing was changed.", ExitRefused},
	{localdb.ErrDiskFull, "The disk is full: nothing was recorded. Make room and try again.", ExitFailed},
	{punchsync.ErrAddress, "", ExitUsage},
	{punchsync.ErrUnreachable, "The cloud cannot be reached. Check the network and the address given with --cloud; everything recorded here is kept and sent later.", ExitUnreachable},
	{punchsync.ErrNonsense, "Something answered at the cloud's address, but it is not a Clockface cloud (perhaps the sign-in page of a Wi-Fi). Check the address given with --cloud. Nothing was lost.", ExitUnreachable},
	{punchsync.ErrOtherTenant, "The cloud at this address is not the one that this device was enrolled at. Check the address given with --cloud. Nothing was sent twice or lost.", ExitRefused},
}

func explainBare(e *NotEnrolledError) string {
	profile := e.Profile
	if profile == "" {
		return fmt.Sprintf("The data folder %s is not enrolled. Give the folder of an enrolled device with --data, or enrol it with: clockface device enroll --cloud URL --code CODE --profile kiosk|desktop", e.Dir)
	}
	return fmt.Sprintf("The data folder %s is not enrolled. Make a code with: clockface-cloud enroll-code --db DB --profile %s --site SITE; then start with --cloud URL --enroll-code CODE.", e.Dir, profile)
}

func explainCloud(e *punchsync.CloudError) (string, int) {
	switch e.Problem.Code {
	case op.CodeBadCode:
		return explainCode(e.Problem.Detail), ExitRefused
	case op.CodeBadLogin:
		return "Login, password or token is not right.", ExitRefused
	case op.CodeUnauthorized:
		return "The cloud does not know this device, or it was revoked. An administrator can enrol it again.", ExitRefused
	case op.CodeChainBroken:
		return "The cloud has other records of this device than its data folder (perhaps the folder was restored from a backup). Keep the folder: the punches that wait are only there. Revoke the device and enrol this PC anew in a fresh folder with a copy of its keys, as docs/operations.md tells.", ExitRefused
	case op.CodeUpgrade:
		return "This program is too old for the cloud. Install the current version; punches are still taken.", ExitRefused
	case op.CodeClockSkew:
		return "The clock of this machine cannot be reconciled with the cloud's. Set date and time, then try again.", ExitFailed
	case op.CodeBusy, op.CodeUnavailable:
		return "The cloud is busy or its database is away. Try again in a minute; everything recorded here is kept.", ExitUnreachable
	}
	return sentenceOf(e), ExitFailed
}

// explainCode returns the sentence for an enrol code that the cloud did not
// take; detail is its reason where it told one.
func explainCode(detail string) string {
	reason := "it is wrong, was used before, is older than 15 minutes, or is for another kind of program (kiosk or desktop)"
	if detail != "" {
		reason = detail
	}
	return "The enrol code is not valid here: " + reason + ". Make a new one for this program with: clockface-cloud enroll-code --db DB --profile kiosk|desktop --site SITE"
}

// sentenceOf makes a sentence of an error that has no better one.
func sentenceOf(err error) string {
	text := []rune(err.Error())
	if len(text) == 0 {
		return "It failed without a reason."
	}
	if text[0] >= 'a' && text[0] <= 'z' {
		text[0] += 'A' - 'a'
	}
	if last := text[len(text)-1]; last != '.' && last != '!' {
		text = append(text, '.')
	}
	return string(text)
}
