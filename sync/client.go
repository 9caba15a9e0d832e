package sync

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
	"github.com/klauspost/compress/zstd"

	"clockface/sync/op"
	"clockface/timeclock"
)

const (
	// requestTimeout bounds every request but the long poll.
	requestTimeout = 30 * time.Second
	// waitTimeout bounds the long poll; the cloud answers within 25 s.
	waitTimeout = 40 * time.Second
	// compressFrom is the size from which a body is worth compressing.
	compressFrom = 1 << 10
	// maxAnswer bounds what is read of one answer: the largest is a page of
	// [op.PageRows] credentials with their sealed templates.
	maxAnswer = 64 << 20
)

// Credentials are what a device proves itself with, and the key that it knows
// its cloud by.
type Credentials struct {
	Company  timeclock.CompanyID
	Device   timeclock.DeviceID
	Key      ed25519.PrivateKey
	CloudKey ed25519.PublicKey // signs grants
}

// ClientOptions change how a [Client] works; the zero value is for production.
type ClientOptions struct {
	Transport http.RoundTripper // nil = NewTransport()
	Now       func() time.Time  // nil = time.Now
	Agent     string            // name of the program, for the cloud's log
}

// A Client speaks the protocol with one cloud. It is safe for use by several
// goroutines. It never repeats a request by itself, but for one case: when the
// cloud says that the request's time stamp is off, it corrects its offset and
// asks once more.
type Client struct {
	base  *url.URL
	http  *resty.Client
	zstd  *zstd.Encoder
	now   func() time.Time
	creds *Credentials // nil before enrolment
	// offset is server time minus device time in microseconds.
	offset *atomic.Int64
}

// NewClient returns a client for the cloud at an address like
// https://clock.example.com or http://127.0.0.1:8080. It errors with
// [ErrAddress] when the address is not of that form.
func NewClient(address string, o ClientOptions) (*Client, error) {
	base, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = NewTransport()
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("set up compression: %w", err)
	}
	// A redirect is never followed: the signature is for one path, and what
	// redirects here is a captive portal.
	hc := &http.Client{Transport: o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	rc := resty.NewWithClient(hc).SetResponseBodyLimit(maxAnswer).
		SetHeader("User-Agent", strings.TrimSpace("clockface "+o.Agent)).
		SetHeader("Sync-Protocol", strconv.Itoa(op.Protocol)).
		SetHeader("Sync-Schema", strconv.Itoa(op.Schema))
	return &Client{base: base, http: rc, zstd: enc, now: o.Now, offset: new(atomic.Int64)}, nil
}

// NewTransport returns the default transport with a limit on connecting, so that a
// cloud that drops packets does not hold a round for minutes.
func NewTransport() http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: waitTimeout,
		MaxIdleConnsPerHost:   4,
		IdleConnTimeout:       90 * time.Second,
	}
}

func parseAddress(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(address), "/"))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %q is not a web address", ErrAddress, address)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, fmt.Errorf("%w: %q does not look like https://clock.example.com", ErrAddress, address)
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return nil, fmt.Errorf("%w: %q has more than scheme, host and port", ErrAddress, address)
	}
	return u, nil
}

// WithCredentials returns a client of the same cloud that signs its requests.
func (c *Client) WithCredentials(cr Credentials) *Client {
	signed := *c
	signed.creds = &cr
	return &signed
}

// Address returns the cloud's address.
func (c *Client) Address() string { return c.base.String() }

// Private reports whether nobody on the way can read what is sent: by https, or
// because the cloud runs on this machine.
func (c *Client) Private() bool {
	host := c.base.Hostname()
	return c.base.Scheme == "https" || host == "localhost" || net.ParseIP(host).IsLoopback()
}

// Offset returns server time minus device time in microseconds, as far as known.
func (c *Client) Offset() int64 { return c.offset.Load() }

// SetOffset sets the offset that requests are stamped with.
func (c *Client) SetOffset(us int64) { c.offset.Store(us) }

// Enroll makes this device known to the cloud with a single-use code. The error
// has [op.CodeBadCode] when the code is unknown, used or expired.
func (c *Client) Enroll(ctx context.Context, req op.EnrollRequest) (op.EnrollAnswer, error) {
	var a op.EnrollAnswer
	if err := c.post(ctx, "enroll", "/v1/devices/enroll", req, &a); err != nil {
		return op.EnrollAnswer{}, err
	}
	if a.Company == "" || a.Device == "" || len(a.CloudKey) != ed25519.PublicKeySize {
		return op.EnrollAnswer{}, fmt.Errorf("enroll: %w: company, device or cloud key missing", ErrNonsense)
	}
	return a, nil
}

// SignIn asks for a grant. It errors with [op.CodeBadLogin] when login, password
// or token are not right, and with [ErrOtherTenant] when the grant is not for
// this company, device and actor key or not signed by the cloud that enrolled us.
func (c *Client) SignIn(ctx context.Context, req op.SignInRequest) (op.SignInAnswer, error) {
	var a op.SignInAnswer
	if err := c.post(ctx, "sign in", "/v1/sign-in", req, &a); err != nil {
		return op.SignInAnswer{}, err
	}
	g := a.Grant
	if g.ID == "" || g.ExpiresUS == 0 {
		return op.SignInAnswer{}, fmt.Errorf("sign in: %w: no grant in it", ErrNonsense)
	}
	if c.creds == nil || g.Company != c.creds.Company || g.Device != c.creds.Device ||
		!bytes.Equal(g.ActorKey, req.ActorKey) || !g.Verify(c.creds.CloudKey) {
		return op.SignInAnswer{}, fmt.Errorf("sign in: %w: grant %s", ErrOtherTenant, g.ID)
	}
	return a, nil
}

// Push sends a batch and returns the fate of each of its ops. An answer that
// does not hold exactly the ops that were sent is [ErrNonsense]. A body that is
// too large to be sent errors with [op.CodeTooLarge] like one that the cloud refuses.
func (c *Client) Push(ctx context.Context, req op.PushRequest) (op.PushAnswer, error) {
	var a op.PushAnswer
	if err := c.post(ctx, "push", "/v1/sync/push", req, &a); err != nil {
		return op.PushAnswer{}, err
	}
	if err := checkPushAnswer(req, a); err != nil {
		return op.PushAnswer{}, fmt.Errorf("push: %w", err)
	}
	return a, nil
}

func checkPushAnswer(req op.PushRequest, a op.PushAnswer) error {
	sent := make(map[string]bool, len(req.Ops))
	for _, o := range req.Ops {
		sent[o.ID] = true
	}
	for _, r := range a.Results {
		if !sent[r.ID] {
			return fmt.Errorf("%w: a result for op %q, which was not sent or is answered twice", ErrNonsense, r.ID)
		}
		delete(sent, r.ID)
		switch r.Status {
		case op.Accepted, op.Rejected, op.Conflict, op.Quarantined:
		default:
			return fmt.Errorf("%w: op %s has status %q", ErrNonsense, r.ID, r.Status)
		}
	}
	if len(sent) > 0 {
		return fmt.Errorf("%w: %d of %d ops without a result", ErrNonsense, len(sent), len(req.Ops))
	}
	if a.LastN < req.Head.N {
		return fmt.Errorf("%w: last_n %d after a batch up to %d", ErrNonsense, a.LastN, req.Head.N)
	}
	return nil
}

// Pull returns the rows that changed after the cursor, at most limit of them. It
// errors with [op.CodeResync] when the cursor is no longer served.
func (c *Client) Pull(ctx context.Context, cursor string, limit int) (op.PullAnswer, error) {
	q := url.Values{"cursor": {cursor}, "limit": {strconv.Itoa(limit)}}
	var a op.PullAnswer
	if err := c.get(ctx, "pull", "/v1/sync/pull", q, requestTimeout, &a); err != nil {
		return op.PullAnswer{}, err
	}
	if _, ok := cursorSeq(a.Cursor); !ok {
		return op.PullAnswer{}, fmt.Errorf("pull: %w: cursor %q", ErrNonsense, a.Cursor)
	}
	if a.More && a.Cursor == cursor {
		return op.PullAnswer{}, fmt.Errorf("pull: %w: there is more, but the cursor %q stays", ErrNonsense, cursor)
	}
	a.Rows = knownRows(a.Rows)
	return a, nil
}

// Snapshot returns the page of rows after "<table>/<id>"; the first page, after
// "", carries the cursor to pull from afterwards.
func (c *Client) Snapshot(ctx context.Context, after string, limit int) (op.SnapshotAnswer, error) {
	q := url.Values{"after": {after}, "limit": {strconv.Itoa(limit)}}
	var a op.SnapshotAnswer
	if err := c.get(ctx, "snapshot", "/v1/sync/snapshot", q, requestTimeout, &a); err != nil {
		return op.SnapshotAnswer{}, err
	}
	if _, ok := cursorSeq(a.AsOf); after == "" && !ok {
		return op.SnapshotAnswer{}, fmt.Errorf("snapshot: %w: as_of %q", ErrNonsense, a.AsOf)
	}
	if a.After != "" && a.After == after {
		return op.SnapshotAnswer{}, fmt.Errorf("snapshot: %w: the page after %q ends there again", ErrNonsense, after)
	}
	a.Rows = knownRows(a.Rows)
	return a, nil
}

// Time asks for the server's time and returns its offset to the device's clock
// by the NTP formula, and the round trip without the server's own part, both in
// microseconds.
func (c *Client) Time(ctx context.Context) (offsetUS, roundTripUS int64, err error) {
	var a op.TimeAnswer
	sent := c.now()
	if err := c.get(ctx, "time", "/v1/time", nil, requestTimeout, &a); err != nil {
		return 0, 0, err
	}
	total := c.now().Sub(sent).Microseconds() // by the monotonic clock where there is one
	if a.RecvUS <= 0 || a.SendUS < a.RecvUS {
		return 0, 0, fmt.Errorf("time: %w: received %d, sent %d", ErrNonsense, a.RecvUS, a.SendUS)
	}
	t1 := sent.UnixMicro()
	return ((int64(a.RecvUS) - t1) + (int64(a.SendUS) - t1 - total)) / 2, total - int64(a.SendUS-a.RecvUS), nil
}

// Wait asks the cloud to answer when something comes after the cursor, at the
// latest after some 25 s, and returns the company's newest sequence number.
func (c *Client) Wait(ctx context.Context, cursor string) (headSeq int64, err error) {
	var a op.WaitAnswer
	if err := c.get(ctx, "wait", "/v1/sync/wait", url.Values{"cursor": {cursor}}, waitTimeout, &a); err != nil {
		return 0, err
	}
	return a.HeadSeq, nil
}

// knownRows leaves out rows of tables that only a newer program holds.
func knownRows(rows []op.Row) []op.Row {
	known := rows[:0]
	for _, r := range rows {
		if _, ok := op.TableByName(r.Table); ok {
			known = append(known, r)
		}
	}
	return known
}

// cursorSeq returns the sequence number of a cursor "<epoch>.<seq>".
func cursorSeq(cursor string) (seq int64, ok bool) {
	epoch, text, ok := strings.Cut(cursor, ".")
	if !ok || epoch == "" {
		return 0, false
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	return seq, err == nil && seq >= 0
}

func (c *Client) post(ctx context.Context, route, path string, body, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%s: encode request: %w", route, err)
	}
	r := request{route: route, method: http.MethodPost, path: path, body: raw}
	if len(raw) > compressFrom {
		r.body, r.encoding = c.zstd.EncodeAll(raw, nil), "zstd"
	}
	if len(r.body) > op.MaxSent || len(raw) > op.MaxUnpacked {
		return &CloudError{Route: route, Problem: op.Problem{Code: op.CodeTooLarge, Status: http.StatusRequestEntityTooLarge,
			Title: fmt.Sprintf("not sent: %d bytes, %d after compression", len(raw), len(r.body))}}
	}
	return c.ask(ctx, r, requestTimeout, into)
}

func (c *Client) get(ctx context.Context, route, path string, query url.Values, timeout time.Duration, into any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.ask(ctx, request{route: route, method: http.MethodGet, path: path}, timeout, into)
}

// request is one request as it is sent.
type request struct {
	route, method, path string // path with its query
	body                []byte // after compression
	encoding            string
}

// ask sends r and decodes the answer. It asks a second time when the cloud says
// that our clock is off.
func (c *Client) ask(ctx context.Context, r request, timeout time.Duration, into any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := c.askOnce(ctx, r, into)
	var ce *CloudError
	if errors.As(err, &ce) && ce.Problem.Code == op.CodeClockSkew && ce.Problem.ServerUS > 0 {
		c.offset.Store(int64(ce.Problem.ServerUS) - c.now().UnixMicro())
		err = c.askOnce(ctx, r, into)
	}
	return err
}

func (c *Client) askOnce(ctx context.Context, r request, into any) error {
	req := c.http.R().SetContext(ctx).SetHeader("Accept", "application/json")
	if r.body != nil {
		req.SetHeader("Content-Type", "application/json").SetBody(r.body)
	}
	if r.encoding != "" {
		req.SetHeader("Content-Encoding", r.encoding)
	}
	if c.creds != nil {
		ts := timeclock.Micros(c.now().UnixMicro() + c.offset.Load())
		req.SetHeader("Authorization",
			op.SignRequest(c.creds.Key, c.creds.Company, c.creds.Device, r.method, r.path, ts, r.body))
	}
	answer, err := req.Execute(r.method, c.base.String()+r.path)
	if err != nil {
		if errors.Is(err, resty.ErrResponseBodyTooLarge) {
			return fmt.Errorf("%s: %w: more than %d bytes", r.route, ErrNonsense, maxAnswer)
		}
		return fmt.Errorf("%s: %w: %w", r.route, ErrUnreachable, err)
	}
	if !answer.IsSuccess() {
		return problemOf(r.route, answer)
	}
	if err := json.Unmarshal(answer.Body(), into); err != nil {
		return fmt.Errorf("%s: %w: %s instead of JSON", r.route, ErrNonsense, contentType(answer))
	}
	return nil
}

// problemOf returns the error for an answer that is not a success.
func problemOf(route string, answer *resty.Response) error {
	var p op.Problem
	status := answer.StatusCode()
	if err := json.Unmarshal(answer.Body(), &p); err == nil && p.Code != "" {
		p.Status = status
		return &CloudError{Route: route, Problem: p, RetryAfter: retryAfter(answer.Header())}
	}
	if status >= 500 || status == http.StatusTooManyRequests {
		return fmt.Errorf("%s: %w: status %d from something before it", route, ErrUnreachable, status)
	}
	return fmt.Errorf("%s: %w: status %d with %s", route, ErrNonsense, status, contentType(answer))
}

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

func contentType(answer *resty.Response) string {
	if t := answer.Header().Get("Content-Type"); t != "" {
		return t
	}
	return "an answer without a type"
}
