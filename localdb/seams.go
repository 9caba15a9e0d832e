package localdb

import (
	"context"
	"crypto/ed25519"
	"errors"

	"clockface/localdb/vault"
	"clockface/sync/op"
	"clockface/timeclock"
)

var errSoon = errors.New("localdb: not built yet")

type DB struct{}

func Open(ctx context.Context, dir string, o Options) (*DB, error)  { return nil, errSoon }
func (db *DB) Close() error                                         { return errSoon }
func Lock(dir, program string) (unlock func(), err error)           { return nil, errSoon }
func (db *DB) Check(ctx context.Context) error                      { return errSoon }
func (db *DB) Clock() op.Clock                                      { return op.Clock{} }
func (db *DB) Identity(ctx context.Context) (Identity, error)       { return Identity{}, errSoon }
func (db *DB) SaveEnrolment(ctx context.Context, id Identity) error { return errSoon }
func (db *DB) SaveCloudURL(ctx context.Context, url string) error   { return errSoon }
func (db *DB) RecordPunch(ctx context.Context, p NewPunch) (timeclock.Punch, error) {
	return timeclock.Punch{}, errSoon
}
func (db *DB) SelfEdit(ctx context.Context, punch timeclock.PunchID, cause timeclock.Cause, values timeclock.EditValues, reason string) (timeclock.Edit, error) {
	return timeclock.Edit{}, errSoon
}
func (db *DB) ReportIncident(ctx context.Context, i timeclock.Incident) error { return errSoon }
func (db *DB) Put(ctx context.Context, a *Actor, table, id string, set map[string]any, sealed []byte) error {
	return errSoon
}
func (db *DB) EditPunch(ctx context.Context, a *Actor, e NewEdit) (timeclock.Edit, error) {
	return timeclock.Edit{}, errSoon
}
func (db *DB) DecidePunch(ctx context.Context, a *Actor, punch timeclock.PunchID, v timeclock.Verdict, reason string) (timeclock.Decision, error) {
	return timeclock.Decision{}, errSoon
}
func (db *DB) DecidePunches(ctx context.Context, a *Actor, punches []timeclock.PunchID, v timeclock.Verdict, reason string) ([]timeclock.Decision, error) {
	return nil, errSoon
}
func (db *DB) Employees(ctx context.Context) ([]timeclock.Employee, error) { return nil, errSoon }
func (db *DB) EmployeeByID(ctx context.Context, id timeclock.EmployeeID) (timeclock.Employee, error) {
	return timeclock.Employee{}, errSoon
}
func (db *DB) EmployeeByNumber(ctx context.Context, number string) (timeclock.Employee, error) {
	return timeclock.Employee{}, errSoon
}
func (db *DB) Sites(ctx context.Context) ([]timeclock.Site, error) { return nil, errSoon }
func (db *DB) SiteOfDevice(ctx context.Context) (timeclock.Site, error) {
	return timeclock.Site{}, errSoon
}
func (db *DB) Departments(ctx context.Context) (map[timeclock.DepartmentID]string, error) {
	return nil, errSoon
}
func (db *DB) MemberNames(ctx context.Context) (map[timeclock.MembershipID]string, error) {
	return nil, errSoon
}
func (db *DB) DeviceNames(ctx context.Context) (map[timeclock.DeviceID]string, error) {
	return nil, errSoon
}
func (db *DB) Setting(ctx context.Context, key string) (string, bool, error) {
	return "", false, errSoon
}
func (db *DB) Entries(ctx context.Context, q Query) ([]timeclock.Entry, error) { return nil, errSoon }
func (db *DB) Entry(ctx context.Context, id timeclock.PunchID) (timeclock.Entry, error) {
	return timeclock.Entry{}, errSoon
}
func (db *DB) Incidents(ctx context.Context, since timeclock.Micros) ([]timeclock.Incident, error) {
	return nil, errSoon
}
func (db *DB) Credentials(ctx context.Context, kind timeclock.CredentialKind) ([]Credential, error) {
	return nil, errSoon
}
func (db *DB) Consent(ctx context.Context, e timeclock.EmployeeID, kind timeclock.CredentialKind) (givenOn string, ok bool, err error) {
	return "", false, errSoon
}
func (db *DB) EnsureCompanyKey(ctx context.Context, keys *vault.Keys) error { return errSoon }
func (db *DB) EnrolTemplate(ctx context.Context, keys *vault.Keys, a *Actor, t NewTemplate) (timeclock.CredentialID, error) {
	return "", errSoon
}
func (db *DB) SetPIN(ctx context.Context, keys *vault.Keys, a *Actor, e timeclock.EmployeeID, pin string) error {
	return errSoon
}
func (db *DB) DeleteCredential(ctx context.Context, a *Actor, id timeclock.CredentialID) error {
	return errSoon
}
func (db *DB) Templates(ctx context.Context, keys *vault.Keys, kind timeclock.CredentialKind) (found []vault.Template, skipped []error, err error) {
	return nil, nil, errSoon
}
func (db *DB) Changes() <-chan struct{}                        { return nil }
func (db *DB) SyncStatus(ctx context.Context) (Waiting, error) { return Waiting{}, errSoon }
func (db *DB) SyncStates(ctx context.Context, punches []timeclock.PunchID) (map[timeclock.PunchID]op.Status, error) {
	return nil, errSoon
}
func (db *DB) Refused(ctx context.Context) ([]Refused, error) { return nil, errSoon }
func (db *DB) PINTries(ctx context.Context, number string, since timeclock.Micros) (wrong int, err error) {
	return 0, errSoon
}
func (db *DB) AddPINTry(ctx context.Context, number string, at timeclock.Micros, ok bool) error {
	return errSoon
}
func (db *DB) LastPINTries(ctx context.Context, n int) ([]PINTry, error) { return nil, errSoon }
func (db *DB) BackupTo(ctx context.Context, file string) error           { return errSoon }

func (db *DB) Outbox(ctx context.Context, max, maxBytes int) (ops []op.Op, headH []byte, ackedN int64, err error) {
	return nil, nil, 0, errSoon
}
func (db *DB) Head(ctx context.Context) (n int64, h []byte, err error)         { return 0, nil, errSoon }
func (db *DB) ApplyPush(ctx context.Context, answer op.PushAnswer) error       { return errSoon }
func (db *DB) ApplyPage(ctx context.Context, answer op.PullAnswer) error       { return errSoon }
func (db *DB) ApplySnapshot(ctx context.Context, page op.SnapshotAnswer) error { return errSoon }
func (db *DB) Cursor(ctx context.Context) (string, error)                      { return "", errSoon }
func (db *DB) RequeueSent(ctx context.Context) error                           { return errSoon }
func (db *DB) Offset(ctx context.Context) (offsetUS int64, known bool, err error) {
	return 0, false, errSoon
}
func (db *DB) SaveOffset(ctx context.Context, offsetUS, errUS int64) error { return errSoon }
func (db *DB) NoteContact(ctx context.Context, at timeclock.Micros, failure error) error {
	return errSoon
}

func (db *DB) SaveSignIn(ctx context.Context, answer op.SignInAnswer, actor ed25519.PrivateKey, secret []byte) (*Actor, error) {
	return nil, errSoon
}
func (db *DB) OpenSignIn(ctx context.Context, secret []byte) (*Actor, error) { return nil, errSoon }
func (db *DB) SaveSession(ctx context.Context, a *Actor) error               { return errSoon }
func (db *DB) UseSession(ctx context.Context) (*Actor, error)                { return nil, errSoon }
func (db *DB) EndSession(ctx context.Context) error                          { return errSoon }
