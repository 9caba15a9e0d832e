package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"clockface/cloud/store"
	"clockface/sync/op"
)

const problemType = "application/problem+json"

// problem is an error answer. It is an error itself, so that a route returns it.
type problem struct {
	op.Problem
	retryAfter time.Duration
}

// Error returns what is wrong.
func (p *problem) Error() string { return p.Title }

// GetStatus returns the HTTP status.
func (p *problem) GetStatus() int { return p.Status }

// ContentType says that the answer is a problem.
func (p *problem) ContentType(string) string { return problemType }

// GetHeaders returns Retry-After where waiting helps.
func (p *problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	return h
}

func typeOfProblem() reflect.Type { return reflect.TypeFor[op.Problem]() }

// badRequest is a request that its sender has to change; the text says how.
type badRequest string

// Error returns what is to be changed.
func (b badRequest) Error() string { return string(b) }

// busyError asks to come again later.
type busyError struct{ after time.Duration }

// Error says how long to wait.
func (b *busyError) Error() string {
	return fmt.Sprintf("too many tries; wait %s", b.after.Round(time.Second))
}

// problemOf is the one place where an error becomes an answer. What it does not
// know is logged and shown as one general sentence.
func (s *Server) problemOf(err error) *problem {
	var gap *store.GapError
	var bad badRequest
	var busy *busyError
	var profile *store.CodeProfileError
	switch {
	case errors.As(err, &gap):
		p := newProblem(http.StatusConflict, op.CodeGap, gap.Error())
		p.LastN = gap.LastN
		return p
	case errors.As(err, &bad):
		return newProblem(http.StatusBadRequest, op.CodeBadRequest, string(bad))
	case errors.As(err, &busy):
		p := newProblem(http.StatusTooManyRequests, op.CodeBusy, busy.Error())
		p.retryAfter = busy.after
		return p
	case errors.As(err, &profile):
		p := newProblem(http.StatusForbidden, op.CodeBadCode, store.ErrBadCode.Error())
		p.Detail = profile.Error()
		return p
	case errors.Is(err, errClockSkew):
		p := newProblem(http.StatusUnauthorized, op.CodeClockSkew, errClockSkew.Error())
		p.ServerUS = s.nowUS()
		return p
	case errors.Is(err, errUpgrade):
		p := newProblem(http.StatusUpgradeRequired, op.CodeUpgrade, errUpgrade.Error())
		p.Min = 1
		return p
	}
	for _, k := range knownErrors() {
		if errors.Is(err, k.err) {
			p := newProblem(k.status, k.code, k.err.Error())
			if k.status == http.StatusTooManyRequests || k.status == http.StatusServiceUnavailable {
				p.retryAfter = time.Second
				s.log.Warn("request put off", "err", err)
			}
			return p
		}
	}
	s.log.Error("request failed", "err", err)
	return newProblem(http.StatusInternalServerError, op.CodeInternal, "something went wrong in the cloud; it was logged")
}

type knownError struct {
	err    error
	status int
	code   string
}

func knownErrors() []knownError {
	return []knownError{
		{errUnauthorized, http.StatusUnauthorized, op.CodeUnauthorized},
		{store.ErrDeviceRevoked, http.StatusUnauthorized, op.CodeUnauthorized},
		{store.ErrNoDevice, http.StatusUnauthorized, op.CodeUnauthorized},
		{errBadLogin, http.StatusForbidden, op.CodeBadLogin},
		{store.ErrBadCode, http.StatusForbidden, op.CodeBadCode},
		{store.ErrChainBroken, http.StatusConflict, op.CodeChainBroken},
		{store.ErrResync, http.StatusGone, op.CodeResync},
		{errTooLarge, http.StatusRequestEntityTooLarge, op.CodeTooLarge},
		{store.ErrBadPush, http.StatusBadRequest, op.CodeBadRequest},
		{store.ErrBadPage, http.StatusBadRequest, op.CodeBadRequest},
		{store.ErrBusy, http.StatusTooManyRequests, op.CodeBusy},
		{store.ErrUnreachable, http.StatusServiceUnavailable, op.CodeUnavailable},
	}
}

func newProblem(status int, code, title string) *problem {
	return &problem{Problem: op.Problem{Code: code, Title: title, Status: status}}
}

// withCode turns huma's own errors, those of validation above all, into problems
// with a code.
func withCode(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	code := op.CodeBadRequest
	switch {
	case m.Status == http.StatusRequestEntityTooLarge:
		code = op.CodeTooLarge
	case m.Status >= http.StatusInternalServerError:
		code = op.CodeInternal
	}
	p := newProblem(m.Status, code, m.Title)
	p.Detail = m.Detail
	var details []string
	for _, d := range m.Errors {
		if d != nil {
			details = append(details, strings.TrimSpace(d.Location+" "+d.Message))
		}
	}
	if len(details) > 0 {
		p.Detail += ": " + strings.Join(details, "; ")
	}
	return p, nil
}

// writeProblem answers a request that reaches no route.
func writeProblem(w http.ResponseWriter, p *problem) {
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}
