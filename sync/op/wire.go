package op

import "clockface/timeclock"

// EnrollRequest is the body of POST /v1/devices/enroll.
type EnrollRequest struct {
	Code         string            `json:"code" minLength:"6" maxLength:"64" doc:"single-use code, valid for 15 minutes"`
	PublicKey    []byte            `json:"public_key" doc:"Ed25519 public key of the device, 32 bytes"`
	AgeRecipient string            `json:"age_recipient" maxLength:"128" doc:"age X25519 recipient of the device"`
	Name         string            `json:"name" maxLength:"120" doc:"what people call the device"`
	Profile      timeclock.Profile `json:"profile" enum:"kiosk,desktop" doc:"must be the profile the code was made for"`
	Schema       int               `json:"schema"`
}

// EnrollAnswer answers an enrolment.
type EnrollAnswer struct {
	Company  timeclock.CompanyID `json:"company_id"`
	Device   timeclock.DeviceID  `json:"device_id"`
	Site     timeclock.SiteID    `json:"site_id"`
	CloudKey []byte              `json:"cloud_key" doc:"Ed25519 public key that signs grants and checkpoints"`
}

// SignInRequest is the body of POST /v1/sign-in: login and password, or a token.
type SignInRequest struct {
	Login    string `json:"login,omitempty" maxLength:"200"`
	Password string `json:"password,omitempty" maxLength:"1000"`
	Token    string `json:"token,omitempty" maxLength:"200"`
	ActorKey []byte `json:"actor_key" doc:"Ed25519 public half of a fresh actor key"`
}

// SignInAnswer answers a sign-in.
type SignInAnswer struct {
	Grant Grant          `json:"grant"`
	Role  timeclock.Role `json:"role"`
	Name  string         `json:"name"`
}

// PushRequest is the body of POST /v1/sync/push.
type PushRequest struct {
	Now    Clock     `json:"now"`
	AckedN int64     `json:"acked_n"`
	Head   ChainHead `json:"head"`
	Ops    []Op      `json:"ops" maxItems:"500"`
}

// Result is the fate of one op. Row is the server's row where the op changed an
// existing one (rows, not a pointer, stay absent for append-only tables).
type Result struct {
	ID         string `json:"id"`
	Status     Status `json:"status"`
	Reason     string `json:"reason,omitempty"`
	ConflictID string `json:"conflict_id,omitempty"`
	Row        *Row   `json:"row,omitempty"`
}

// PushAnswer answers a push.
type PushAnswer struct {
	ServerUS    timeclock.Micros `json:"server_us"`
	LastN       int64            `json:"last_n"`
	MaxOps      int              `json:"max_ops"`
	NextAfterMS int              `json:"next_after_ms"`
	Results     []Result         `json:"results"`
}

// PullAnswer answers GET /v1/sync/pull.
type PullAnswer struct {
	Cursor   string           `json:"cursor"` // "<epoch>.<seq>"
	More     bool             `json:"more"`
	HeadSeq  int64            `json:"head_seq"`
	ServerUS timeclock.Micros `json:"server_us"`
	Rows     []Row            `json:"rows"`
}

// SnapshotAnswer answers GET /v1/sync/snapshot.
type SnapshotAnswer struct {
	AsOf  string `json:"as_of,omitempty"` // first page: cursor to pull from afterwards
	After string `json:"after,omitempty"` // "<table>/<id>" of the last row; empty = done
	Rows  []Row  `json:"rows"`
}

// WaitAnswer answers GET /v1/sync/wait.
type WaitAnswer struct {
	HeadSeq int64 `json:"head_seq"`
}

// TimeAnswer answers GET /v1/time.
type TimeAnswer struct {
	RecvUS timeclock.Micros `json:"recv_us"`
	SendUS timeclock.Micros `json:"send_us"`
}

// Problem is an error answer, RFC 9457 with a code and what some codes add.
type Problem struct {
	Type     string           `json:"type,omitempty"`
	Code     string           `json:"code"`
	Title    string           `json:"title"`
	Status   int              `json:"status"`
	Detail   string           `json:"detail,omitempty"`
	ServerUS timeclock.Micros `json:"server_us,omitempty"`
	LastN    int64            `json:"last_n,omitempty"`
	Min      int              `json:"min,omitempty"`
}

// The codes of problems.
const (
	CodeClockSkew    = "clock_skew"   // 401, with server_us
	CodeUnauthorized = "unauthorized" // 401: no such device, wrong signature, revoked
	CodeBadCode      = "bad_code"     // 403: enrol code unknown, used or expired
	CodeBadLogin     = "bad_login"    // 403: login, password or token not right
	CodeGap          = "gap"          // 409, with last_n
	CodeChainBroken  = "chain_broken" // 409: device set to suspect, an admin must look
	CodeResync       = "resync"       // 410: take a snapshot
	CodeTooLarge     = "too_large"    // 413: halve the batch
	CodeUpgrade      = "upgrade"      // 426, with min
	CodeBusy         = "busy"         // 429, with Retry-After
	CodeUnavailable  = "unavailable"  // 503: the database is away
	CodeBadRequest   = "bad_request"  // 400, 422
	CodeInternal     = "internal"     // 500
)
