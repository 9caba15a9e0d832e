package sync

import (
	"errors"
	"fmt"
	"time"

	"clockface/sync/op"
)

// What a caller branches on besides the codes of a [CloudError].
var (
	// ErrUnreachable: no answer, or one from something between here and the
	// cloud that has no cloud behind it now. Trying again later may help.
	ErrUnreachable = errors.New("cloud not reachable")
	// ErrNonsense: something answered, but not as a Clockface cloud does.
	ErrNonsense = errors.New("cloud's answer not understood")
	// ErrOtherTenant: a cloud answered for another company or device than ours.
	ErrOtherTenant = errors.New("cloud answered for another company or device")
	// ErrAddress: the cloud's address cannot be used.
	ErrAddress = errors.New("cloud address not usable")
)

// A CloudError is a problem that the cloud itself answered with.
type CloudError struct {
	Route      string // e.g. "push"
	Problem    op.Problem
	RetryAfter time.Duration // from the header; 0 = the cloud did not say
}

// Error names the route, the code and what the cloud said.
func (e *CloudError) Error() string {
	text := e.Problem.Detail
	if text == "" {
		text = e.Problem.Title
	}
	return fmt.Sprintf("%s: cloud answered %d %s: %s", e.Route, e.Problem.Status, e.Problem.Code, text)
}

// HasCode reports whether err is a problem of the cloud with that code.
func HasCode(err error, code string) bool {
	var c *CloudError
	return errors.As(err, &c) && c.Problem.Code == code
}
