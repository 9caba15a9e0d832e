// Package op is what both ends of the sync protocol share: operations and
// their bodies, the hash chain over them, who signs what, the synced tables and
// the wire types of every route. It holds no I/O and no state.
//
// Everything that changes a company's data is an [Op]. Its body is a JSON text
// that is kept byte for byte, because its hash is part of the device's chain:
// see [ChainHash]. The person behind an op signs it with the actor key of a
// [Grant]: see [SignAct]. What must not be read back travels beside the body as
// sealed bytes whose salted digest is inside: see [SealedDigest].
package op

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"clockface/timeclock"
)

// Protocol is the version in the header Sync-Protocol.
const Protocol = 1

// Schema is the number of the newest migration of the synced tables, sent as
// the header Sync-Schema. Changes are additive only.
const Schema = 1

// Limits of one request.
const (
	MaxSent     = 256 << 10 // bytes of a body as sent
	MaxUnpacked = 4 << 20   // bytes of a body after decompression
	MaxOps      = 500       // ops of one push
	PageRows    = 2000      // rows of one pull or snapshot page
)

// Kind is what an op does. Synced tables take "<table>.put", append-only ones
// "<table>.add".
type Kind string

// The kinds that are more than a table's put or add.
const (
	PunchAdd         Kind = "punch.add"
	PunchEditAdd     Kind = "punch_edit.add"
	PunchDecisionAdd Kind = "punch_decision.add"
	IncidentAdd      Kind = "incident.add"
)

// Put returns the kind that writes fields of a row of the table.
func Put(table string) Kind { return Kind(table + ".put") }

// PutTable returns the table that a put writes, or false for other kinds.
func (k Kind) PutTable() (Table, bool) {
	name, ok := strings.CutSuffix(string(k), ".put")
	if !ok {
		return Table{}, false
	}
	t, ok := TableByName(name)
	return t, ok && !t.Append
}

// Op is one operation on its device's chain.
type Op struct {
	N      int64  `json:"n"`                // position on the device's chain, from 1, without gaps
	ID     string `json:"id"`               // UUIDv7, unique in the company
	Kind   Kind   `json:"kind"`             // what it does
	Body   string `json:"body"`             // JSON; its exact bytes are hashed
	ASig   []byte `json:"asig,omitempty"`   // the actor's signature, with a grant
	Sealed []byte `json:"sealed,omitempty"` // age ciphertext beside the body; not part of the op log
}

// Status is the fate of an op.
type Status string

// The final statuses in the cloud, and the two more that an outbox knows.
const (
	Accepted    Status = "accepted"
	Rejected    Status = "rejected"
	Conflict    Status = "conflict"
	Quarantined Status = "quarantined"
	Queued      Status = "queued" // outbox: not sent, or its answer was lost
	Sent        Status = "sent"   // outbox: on its way
)

// Reasons that go with rejected, conflict and quarantined.
const (
	ReasonNoGrant      = "no_grant"
	ReasonForbidden    = "forbidden"
	ReasonNotFound     = "not_found"
	ReasonIDReused     = "id_reused"
	ReasonStaleBaseRev = "stale_base_rev"
	ReasonStaleSeen    = "stale_seen"
	ReasonDeleted      = "deleted"
	ReasonExists       = "exists"
	ReasonBadBody      = "bad_body"
	ReasonUnknownKind  = "unknown_kind"
	ReasonUnknownField = "unknown_field"
	ReasonInternal     = "internal"
	ReasonUnknownEmp   = "unknown_employee"
	ReasonRevoked      = "revoked_device"
	ReasonSameVerdict  = "same_verdict"
)

// Head is how every body begins. Grant is empty for what a kiosk does itself;
// By is then the employee who punches, or the device.
type Head struct {
	By    string `json:"by"`
	Salt  string `json:"salt"` // base64 of 16 random bytes
	Grant string `json:"grant,omitempty"`
}

// NewHead returns a head with a fresh salt.
func NewHead(by, grant string) Head {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return Head{By: by, Salt: base64.StdEncoding.EncodeToString(b[:]), Grant: grant}
}

// PunchBody is the body of punch.add.
type PunchBody struct {
	Head
	ID         timeclock.PunchID    `json:"id"`
	Employee   timeclock.EmployeeID `json:"employee_id"`
	Kind       timeclock.PunchKind  `json:"kind"`
	Method     timeclock.Method     `json:"method"`
	Confidence float64              `json:"confidence"`
	Clock
	Flags  string           `json:"flags,omitempty"`
	Source timeclock.Source `json:"source"`
	Place  string           `json:"place,omitempty"`
}

// EditBody is the body of punch_edit.add.
type EditBody struct {
	Head
	ID     string               `json:"id"`
	Punch  timeclock.PunchID    `json:"punch_id"`
	Seen   string               `json:"seen"`
	What   timeclock.EditKind   `json:"what"`
	Values timeclock.EditValues `json:"values"`
	Cause  timeclock.Cause      `json:"cause"`
	Reason string               `json:"reason"`
	Clock
}

// DecisionBody is the body of punch_decision.add.
type DecisionBody struct {
	Head
	ID      string            `json:"id"`
	Punch   timeclock.PunchID `json:"punch_id"`
	Seen    string            `json:"seen"`
	Verdict timeclock.Verdict `json:"verdict"`
	Reason  string            `json:"reason"`
	Clock
}

// IncidentBody is the body of incident.add.
type IncidentBody struct {
	Head
	ID       string                 `json:"id"`
	Employee timeclock.EmployeeID   `json:"employee_id"`
	Kind     timeclock.IncidentKind `json:"kind"`
	Detail   string                 `json:"detail"`
	Clock
}

// PutBody is the body of "<table>.put": the fields to set, and what they were
// when the author saw revision BaseRev. BaseRev 0 makes the row. Setting
// "deleted" to true deletes it, to false restores it.
type PutBody struct {
	Head
	ID           string         `json:"id"`
	BaseRev      int64          `json:"base_rev"`
	Set          map[string]any `json:"set"`
	Was          map[string]any `json:"was,omitempty"`
	SealedDigest string         `json:"sealed_digest,omitempty"`
	Clock
}

// ErrBody is wrapped by every error of [Decode].
var ErrBody = errors.New("op body not understood")

// Decode reads a body into one of the Body types. Unknown fields are an error,
// so that nothing a newer author meant is dropped in silence.
func Decode(body string, into any) error {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", ErrBody, err)
	}
	if d.More() {
		return fmt.Errorf("%w: text after the object", ErrBody)
	}
	return nil
}

// Encode returns the JSON of a body as it is hashed and sent.
func Encode(body any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return "", fmt.Errorf("encode op body: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// NewID returns a fresh UUIDv7 in lower case.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// BodySHA returns the SHA-256 of the body's exact bytes.
func BodySHA(body string) [32]byte { return sha256.Sum256([]byte(body)) }

// SealedDigest returns the base64 digest of sealed bytes that their body
// carries, salted with the body's salt so that equal PINs look different.
func SealedDigest(salt string, sealed []byte) string {
	h := sha256.New()
	writeParts(h, []byte("clockface sealed 1"), []byte(salt), sealed)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// ChainHash returns h(n) = SHA-256(h(n-1) ‖ company ‖ device ‖ n ‖ op id ‖ kind ‖
// SHA-256(body) ‖ asig), each part led by its length in four bytes, high byte
// first; n is eight bytes. prev is nil for n = 1.
func ChainHash(prev []byte, company timeclock.CompanyID, device timeclock.DeviceID, o Op) []byte {
	h := sha256.New()
	sha := BodySHA(o.Body)
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(o.N))
	writeParts(h, prev, []byte(company), []byte(device), n[:], []byte(o.ID), []byte(o.Kind), sha[:], o.ASig)
	return h.Sum(nil)
}

// ChainHashErased is ChainHash for an op whose body was erased and whose digest is kept.
func ChainHashErased(prev []byte, company timeclock.CompanyID, device timeclock.DeviceID, o Op, bodySHA []byte) []byte {
	h := sha256.New()
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(o.N))
	writeParts(h, prev, []byte(company), []byte(device), n[:], []byte(o.ID), []byte(o.Kind), bodySHA, o.ASig)
	return h.Sum(nil)
}

func writeParts(w interface{ Write([]byte) (int, error) }, parts ...[]byte) {
	var l [4]byte
	for _, p := range parts {
		binary.BigEndian.PutUint32(l[:], uint32(len(p)))
		w.Write(l[:])
		w.Write(p)
	}
}

func joinParts(parts ...[]byte) []byte {
	var b bytes.Buffer
	writeParts(&b, parts...)
	return b.Bytes()
}

func be64(n int64) []byte {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	return b[:]
}
