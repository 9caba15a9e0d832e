package op

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"clockface/timeclock"
)

// Clock is a device's clocks at one moment. Every body says its own moment with it.
type Clock struct {
	Wall timeclock.Micros `json:"wall_us"`
	Mono int64            `json:"mono_us"` // CLOCK_BOOTTIME in microseconds
	Boot string           `json:"boot"`    // id of this boot of the machine
}

func (c Clock) parts() [][]byte {
	return [][]byte{be64(int64(c.Wall)), be64(c.Mono), []byte(c.Boot)}
}

// ChainHead is the newest op of a push and the device's signature over it.
type ChainHead struct {
	N   int64  `json:"n"`
	H   []byte `json:"h"`
	Sig []byte `json:"sig"`
}

func headBytes(h []byte, n int64, now Clock) []byte {
	return joinParts(append([][]byte{[]byte("clockface head 1"), h, be64(n)}, now.parts()...)...)
}

// SignHead signs the chain's head at n together with the device's clocks.
func SignHead(device ed25519.PrivateKey, h []byte, n int64, now Clock) ChainHead {
	return ChainHead{N: n, H: h, Sig: ed25519.Sign(device, headBytes(h, n, now))}
}

// VerifyHead checks a head's signature.
func VerifyHead(device ed25519.PublicKey, head ChainHead, now Clock) bool {
	return len(device) == ed25519.PublicKeySize && ed25519.Verify(device, headBytes(head.H, head.N, now), head.Sig)
}

// Checkpoint is the cloud's receipt for one accepted batch. With it a verifier
// recomputes every anchored time of the batch: see [Anchor].
type Checkpoint struct {
	Company   timeclock.CompanyID `json:"company_id"`
	Device    timeclock.DeviceID  `json:"device_id"`
	N         int64               `json:"n"`
	H         []byte              `json:"h"`
	Now       Clock               `json:"now"`
	ServerUS  timeclock.Micros    `json:"server_us"`           // the anchor: the server's time that belongs to Now
	OffsetUS  *int64              `json:"offset_us,omitempty"` // server − device before this batch; nil = never synced
	DeviceSig []byte              `json:"device_sig"`
	CloudSig  []byte              `json:"cloud_sig"`
}

// SigningBytes returns what the cloud signs.
func (c Checkpoint) SigningBytes() []byte {
	off := []byte{}
	if c.OffsetUS != nil {
		off = be64(*c.OffsetUS)
	}
	p := [][]byte{[]byte("clockface checkpoint 1"), []byte(c.Company), []byte(c.Device), be64(c.N), c.H}
	p = append(p, c.Now.parts()...)
	return joinParts(append(p, be64(int64(c.ServerUS)), off, c.DeviceSig)...)
}

// Grant lets a person act from one device for a while without the cloud.
type Grant struct {
	ID         string                 `json:"grant_id"`
	Company    timeclock.CompanyID    `json:"company"`
	Membership timeclock.MembershipID `json:"membership"`
	Device     timeclock.DeviceID     `json:"device"`
	ActorKey   []byte                 `json:"actor_key"` // Ed25519 public half
	IssuedUS   timeclock.Micros       `json:"issued_us"`
	ExpiresUS  timeclock.Micros       `json:"expires_us"`
	Signature  []byte                 `json:"signature"` // by the cloud's key
}

// SigningBytes returns what the cloud signs.
func (g Grant) SigningBytes() []byte {
	return joinParts([]byte("clockface grant 1"), []byte(g.ID), []byte(g.Company), []byte(g.Membership),
		[]byte(g.Device), g.ActorKey, be64(int64(g.IssuedUS)), be64(int64(g.ExpiresUS)))
}

// Verify reports whether the grant was signed by the cloud's key.
func (g Grant) Verify(cloud ed25519.PublicKey) bool {
	return len(cloud) == ed25519.PublicKeySize && ed25519.Verify(cloud, g.SigningBytes(), g.Signature)
}

func actBytes(company timeclock.CompanyID, device timeclock.DeviceID, id string, kind Kind, body string) []byte {
	sha := BodySHA(body)
	return joinParts([]byte("clockface act 1"), []byte(company), []byte(device), []byte(id), []byte(kind), sha[:])
}

// SignAct returns asig: the actor key over company, device, op id, kind and the body's hash.
func SignAct(actor ed25519.PrivateKey, company timeclock.CompanyID, device timeclock.DeviceID, id string, kind Kind, body string) []byte {
	return ed25519.Sign(actor, actBytes(company, device, id, kind, body))
}

// VerifyAct checks an op's asig.
func VerifyAct(actor ed25519.PublicKey, company timeclock.CompanyID, device timeclock.DeviceID, o Op) bool {
	return len(actor) == ed25519.PublicKeySize && ed25519.Verify(actor, actBytes(company, device, o.ID, o.Kind, o.Body), o.ASig)
}

// ErrAuth is returned for an Authorization header that cannot be read.
var ErrAuth = errors.New("authorization not understood")

// Auth is the content of an Authorization header of the scheme TC1.
type Auth struct {
	Company timeclock.CompanyID
	Device  timeclock.DeviceID
	TS      timeclock.Micros // the device's wall clock plus its offset
	Sig     []byte
}

func requestBytes(method, pathQuery string, ts timeclock.Micros, body []byte) []byte {
	sha := sha256.Sum256(body)
	return []byte(method + "\n" + pathQuery + "\n" + strconv.FormatInt(int64(ts), 10) + "\n" + base64.StdEncoding.EncodeToString(sha[:]))
}

// SignRequest returns the Authorization header for a request. pathQuery is the
// path with "?query" when there is one; body is as sent, after compression.
func SignRequest(key ed25519.PrivateKey, company timeclock.CompanyID, device timeclock.DeviceID, method, pathQuery string, ts timeclock.Micros, body []byte) string {
	return fmt.Sprintf("TC1 company=%s,device=%s,ts=%d,sig=%s", company, device, ts,
		base64.StdEncoding.EncodeToString(ed25519.Sign(key, requestBytes(method, pathQuery, ts, body))))
}

// ParseAuth reads an Authorization header.
func ParseAuth(header string) (Auth, error) {
	rest, ok := strings.CutPrefix(header, "TC1 ")
	if !ok {
		return Auth{}, fmt.Errorf("%w: want scheme TC1", ErrAuth)
	}
	var a Auth
	for part := range strings.SplitSeq(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch k {
		case "company":
			a.Company = timeclock.CompanyID(v)
		case "device":
			a.Device = timeclock.DeviceID(v)
		case "ts":
			ts, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				return Auth{}, fmt.Errorf("%w: ts is not a number", ErrAuth)
			}
			a.TS = timeclock.Micros(ts)
		case "sig":
			sig, err := base64.StdEncoding.DecodeString(v)
			if err != nil {
				return Auth{}, fmt.Errorf("%w: sig is not base64", ErrAuth)
			}
			a.Sig = sig
		}
	}
	if a.Company == "" || a.Device == "" || a.TS == 0 || len(a.Sig) != ed25519.SignatureSize {
		return Auth{}, fmt.Errorf("%w: company, device, ts and sig are needed", ErrAuth)
	}
	return a, nil
}

// VerifyRequest checks the signature of a request as received.
func (a Auth) VerifyRequest(device ed25519.PublicKey, method, pathQuery string, body []byte) bool {
	return len(device) == ed25519.PublicKeySize && ed25519.Verify(device, requestBytes(method, pathQuery, a.TS, body), a.Sig)
}

// MaxSkew is how far ts may be from the server's time.
const MaxSkew timeclock.Micros = 10 * 60 * 1_000_000

// suspectAfter is the difference between anchored and claimed time that flags a punch.
const suspectAfter timeclock.Micros = 120 * 1_000_000

// lateAfter is how long a request may have been on its way before its offset is
// trusted more than its arrival.
const lateAfter timeclock.Micros = 2 * 1_000_000

// Anchor ties a device's clocks to the server's time for one batch.
type Anchor struct {
	Now      Clock
	ServerUS timeclock.Micros
	OffsetUS *int64 // server − device as known before this batch; nil = never synced
}

// NewAnchor returns the anchor for a batch that was received at recv. ts is the
// request's own time stamp, which already holds the device's idea of its offset.
func NewAnchor(now Clock, recv, ts timeclock.Micros, offset *int64) Anchor {
	server := recv
	if offset != nil && recv-ts > lateAfter {
		server = now.Wall + timeclock.Micros(*offset)
	}
	return Anchor{Now: now, ServerUS: server, OffsetUS: offset}
}

// Offset returns server − device after this batch, to be kept for the next.
func (a Anchor) Offset() int64 { return int64(a.ServerUS - a.Now.Wall) }

// At returns the anchored time of something that happened on the device, how it
// was found (mono, offset, wall), and whether it is far from what was claimed.
func (a Anchor) At(s Clock) (at timeclock.Micros, source string, suspect bool) {
	switch {
	case s.Boot == a.Now.Boot && s.Boot != "" && s.Mono <= a.Now.Mono:
		at, source = a.ServerUS-timeclock.Micros(a.Now.Mono-s.Mono), "mono"
	case a.OffsetUS != nil:
		at, source = s.Wall+timeclock.Micros(*a.OffsetUS), "offset"
	default:
		at, source = s.Wall, "wall"
	}
	d := at - s.Wall
	return at, source, d > suspectAfter || d < -suspectAfter
}
