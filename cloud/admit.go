package cloud

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"clockface/cloud/store"
	"clockface/sync/op"
	"clockface/timeclock"
)

// caller is the device behind a request, once its signature was found right.
type caller struct {
	device store.Device
	ts     timeclock.Micros // of the signature: the device's clock plus its offset
	recv   timeclock.Micros
}

type (
	callerKey struct{}
	hostKey   struct{}
)

// hostOf returns the address from which the request came, without the port. All
// that come through one proxy share one.
func hostOf(ctx context.Context) string {
	h, _ := ctx.Value(hostKey{}).(string)
	return h
}

// callerOf returns the device behind the request. Routes that need one are
// reached through admit only, which puts it there.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// The errors of a request that is not let in.
var (
	errUnauthorized = errors.New("no such device, or its signature is wrong")
	errClockSkew    = errors.New("the device's clock is more than ten minutes off")
	errTooLarge     = errors.New("body too large")
	errUpgrade      = errors.New("the program is too old for this cloud")
)

// open reports whether a route needs no signature.
func open(path string) bool {
	switch path {
	case "/v1/devices/enroll", "/v1/time", "/healthz":
		return true
	}
	return !strings.HasPrefix(path, "/v1/")
}

// admit reads the body as it was sent, checks the signature over it, and returns
// the request with the body unpacked and the caller in its context.
func (s *Server) admit(r *http.Request) (*http.Request, error) {
	recv := s.nowUS()
	if err := checkVersions(r); err != nil {
		return nil, err
	}
	sent, err := io.ReadAll(io.LimitReader(r.Body, op.MaxSent+1))
	if err != nil {
		return nil, badRequest("body ended early")
	}
	if len(sent) > op.MaxSent {
		return nil, fmt.Errorf("%w: more than %d bytes sent", errTooLarge, op.MaxSent)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	r = r.WithContext(context.WithValue(r.Context(), hostKey{}, host))
	if !open(r.URL.Path) {
		c, err := s.identify(r, sent, recv)
		if err != nil {
			return nil, err
		}
		r = r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
	}
	body, err := unpack(r.Header.Get("Content-Encoding"), sent)
	if err != nil {
		return nil, err
	}
	r.Header.Del("Content-Encoding")
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return r, nil
}

// checkVersions refuses a device that speaks another protocol. Every schema ever
// shipped is served so far.
func checkVersions(r *http.Request) error {
	if v := r.Header.Get("Sync-Protocol"); v != "" && v != strconv.Itoa(op.Protocol) {
		return errUpgrade
	}
	if v := r.Header.Get("Sync-Schema"); v != "" {
		if n, err := strconv.Atoi(v); err != nil || n < 1 {
			return errUpgrade
		}
	}
	return nil
}

// identify returns the device that signed the request.
func (s *Server) identify(r *http.Request, sent []byte, recv timeclock.Micros) (caller, error) {
	a, err := op.ParseAuth(r.Header.Get("Authorization"))
	if err != nil {
		return caller{}, fmt.Errorf("%w: %w", errUnauthorized, err)
	}
	d, err := s.store.Device(r.Context(), a.Company, a.Device)
	if errors.Is(err, store.ErrNoDevice) {
		return caller{}, fmt.Errorf("%w: %w", errUnauthorized, err)
	}
	if err != nil {
		return caller{}, err
	}
	if !a.VerifyRequest(ed25519.PublicKey(d.PublicKey), r.Method, r.URL.RequestURI(), sent) {
		return caller{}, fmt.Errorf("%w: signature", errUnauthorized)
	}
	if skew := a.TS - recv; skew > op.MaxSkew || skew < -op.MaxSkew {
		return caller{}, errClockSkew
	}
	if d.State == store.Revoked {
		if r.URL.Path != "/v1/sync/push" {
			return caller{}, store.ErrDeviceRevoked
		}
		// Worked time is never dropped, but a stolen device shall not fill the log.
		if wait := s.revoked.wait(string(d.ID)); wait > 0 {
			return caller{}, &busyError{after: wait}
		}
		s.revoked.failed(string(d.ID))
	}
	return caller{device: d, ts: a.TS, recv: recv}, nil
}

// unpack returns the body without its compression, at most op.MaxUnpacked bytes.
func unpack(encoding string, sent []byte) ([]byte, error) {
	var from io.Reader
	switch encoding {
	case "", "identity":
		return sent, nil
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(sent))
		if err != nil {
			return nil, badRequest("body is no gzip")
		}
		defer z.Close()
		from = z
	case "zstd":
		z, err := zstd.NewReader(bytes.NewReader(sent), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(op.MaxUnpacked))
		if err != nil {
			return nil, badRequest("body is no zstd")
		}
		defer z.Close()
		from = z
	default:
		return nil, badRequest("Content-Encoding must be gzip or zstd")
	}
	body, err := io.ReadAll(io.LimitReader(from, op.MaxUnpacked+1))
	tooLarge := errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded)
	if err != nil && !tooLarge {
		return nil, badRequest("body cannot be unpacked")
	}
	if tooLarge || len(body) > op.MaxUnpacked {
		return nil, fmt.Errorf("%w: more than %d bytes unpacked", errTooLarge, op.MaxUnpacked)
	}
	return body, nil
}

// packAbove is the size in bytes from which an answer is compressed.
const packAbove = 1024

// packedWriter gathers an answer and sends it compressed where the client takes
// gzip and it is worth it.
type packedWriter struct {
	http.ResponseWriter
	takesGzip bool
	status    int
	body      bytes.Buffer
}

func newPackedWriter(w http.ResponseWriter, r *http.Request) *packedWriter {
	return &packedWriter{ResponseWriter: w, takesGzip: strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"), status: http.StatusOK}
}

func (p *packedWriter) WriteHeader(status int)      { p.status = status }
func (p *packedWriter) Write(b []byte) (int, error) { return p.body.Write(b) }

// finish sends what was gathered. A client that went away is none of our business.
func (p *packedWriter) finish() {
	if !p.takesGzip || p.body.Len() < packAbove {
		p.ResponseWriter.WriteHeader(p.status)
		_, _ = p.ResponseWriter.Write(p.body.Bytes())
		return
	}
	p.Header().Set("Content-Encoding", "gzip")
	p.Header().Add("Vary", "Accept-Encoding")
	p.ResponseWriter.WriteHeader(p.status)
	z, err := gzip.NewWriterLevel(p.ResponseWriter, gzip.BestSpeed)
	if err != nil { // only an unknown level is an error
		return
	}
	_, _ = z.Write(p.body.Bytes())
	_ = z.Close()
}
