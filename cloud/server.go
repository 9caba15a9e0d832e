// Package cloud is Clockface's API server: it enrols devices, signs people in,
// takes the ops that devices push and gives back what changed. It describes
// itself at /openapi.json. Storage and every rule about data are in cloud/store,
// the signing keys in cloud/keys; this package turns HTTP into calls of the store
// and errors into problems (RFC 9457) with a code.
//
// A request comes from a device and is signed by it (scheme TC1, package op); the
// company is known from that signature alone. Only enrolment, /v1/time, /healthz
// and /openapi.json are open.
package cloud

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"clockface/cloud/store"
	"clockface/sync/op"
	"clockface/timeclock"
)

// Config is what a server is made of. Now and Log may be left out.
type Config struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger
}

// Server answers the API. It is an http.Handler and owns no goroutine.
type Server struct {
	store   *store.Store
	now     func() time.Time
	log     *slog.Logger
	mux     *http.ServeMux
	hub     *hub
	logins  *tries
	codes   *tries
	revoked *tries
	hashing chan struct{} // bounds the memory that password checks take
}

// signed is the name of the security scheme in the API's description.
const signed = "TC1"

// passwordChecks is how many passwords are checked at once.
const passwordChecks = 2

// NewServer returns a server over the store, which the caller still owns.
func NewServer(cfg Config) *Server {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{store: cfg.Store, now: cfg.Now, log: cfg.Log, mux: http.NewServeMux(), hub: newHub(),
		logins: newTries(3, cfg.Now), codes: newTries(10, cfg.Now), revoked: newTries(30, cfg.Now),
		hashing: make(chan struct{}, passwordChecks)}
	c := huma.DefaultConfig("Clockface cloud", "1")
	c.DocsPath, c.SchemasPath = "", ""
	c.CreateHooks = nil // would add $schema to every answer
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{signed: {Type: "apiKey", In: "header", Name: "Authorization",
		Description: "TC1 company=<id>,device=<id>,ts=<µs>,sig=<base64>: Ed25519 by the device over method, path with query, ts and SHA-256 of the body as sent"}}
	c.Transformers = append(c.Transformers, withCode)
	api := humago.New(s.mux, c)
	s.deviceRoutes(api)
	s.syncRoutes(api)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, &problem{Problem: op.Problem{Code: "not_found", Title: "no such route", Status: http.StatusNotFound}})
	})
	return s
}

// EndWaits lets every waiting long poll answer, so that a server can stop at once.
func (s *Server) EndWaits() { s.hub.close() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r, err := s.admit(r)
	if err != nil {
		writeProblem(w, s.problemOf(err))
		return
	}
	if r.URL.Path == "/v1/sync/pull" || r.URL.Path == "/v1/sync/snapshot" {
		packed := newPackedWriter(w, r)
		defer packed.finish()
		w = packed
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Server) nowUS() timeclock.Micros { return timeclock.MicrosOf(s.now()) }

// operation returns a route's description with the parts that all share.
func operation(method, path, id, summary string, api huma.API) huma.Operation {
	var security []map[string][]string
	if !open(path) {
		security = []map[string][]string{{signed: {}}}
	}
	problemSchema := api.OpenAPI().Components.Schemas.Schema(typeOfProblem(), true, "Problem")
	return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Security: security,
		BodyReadTimeout: -1, // the body is in memory by then
		MaxBodyBytes:    op.MaxUnpacked,
		Responses: map[string]*huma.Response{"default": {Description: "What was wrong, with a code",
			Content: map[string]*huma.MediaType{problemType: {Schema: problemSchema}}}}}
}

type none struct{}

type health struct {
	Body struct {
		Status string `json:"status"`
	}
}

type timeOutput struct{ Body op.TimeAnswer }

type enrollInput struct{ Body op.EnrollRequest }

type enrollOutput struct{ Body op.EnrollAnswer }

type signInInput struct{ Body op.SignInRequest }

type signInOutput struct{ Body op.SignInAnswer }

func (s *Server) deviceRoutes(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/healthz", "health", "Whether the server and its database answer", api),
		func(ctx context.Context, _ *none) (*health, error) {
			if err := s.store.Ping(ctx); err != nil {
				return nil, s.problemOf(err)
			}
			h := &health{}
			h.Body.Status = "ok"
			return h, nil
		})
	huma.Register(api, operation(http.MethodGet, "/v1/time", "time", "The server's time, for a device's offset", api),
		func(_ context.Context, _ *none) (*timeOutput, error) {
			now := s.nowUS()
			return &timeOutput{Body: op.TimeAnswer{RecvUS: now, SendUS: s.nowUS()}}, nil
		})
	huma.Register(api, operation(http.MethodPost, "/v1/devices/enroll", "enroll", "Make a device of who holds the code", api),
		func(ctx context.Context, in *enrollInput) (*enrollOutput, error) {
			a, err := s.enroll(ctx, in.Body)
			if err != nil {
				return nil, s.problemOf(err)
			}
			return &enrollOutput{Body: a}, nil
		})
	huma.Register(api, operation(http.MethodPost, "/v1/sign-in", "sign-in", "Get a grant to act from this device", api),
		func(ctx context.Context, in *signInInput) (*signInOutput, error) {
			a, err := s.signIn(ctx, in.Body)
			if err != nil {
				return nil, s.problemOf(err)
			}
			return &signInOutput{Body: a}, nil
		})
}
