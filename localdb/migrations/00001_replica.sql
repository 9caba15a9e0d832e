-- +goose Up
-- One row: who this device is and how far it has got.
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    company_id TEXT NOT NULL DEFAULT '',
    device_id TEXT NOT NULL DEFAULT '',
    site_id TEXT NOT NULL DEFAULT '',
    profile TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    cloud_url TEXT NOT NULL DEFAULT '',
    cloud_key BLOB,
    cursor TEXT NOT NULL DEFAULT '',
    acked_n BIGINT NOT NULL DEFAULT 0,
    offset_known BOOLEAN NOT NULL DEFAULT FALSE,
    offset_us BIGINT NOT NULL DEFAULT 0,
    offset_err_us BIGINT NOT NULL DEFAULT 0,
    contact_us BIGINT NOT NULL DEFAULT 0,
    online BOOLEAN NOT NULL DEFAULT FALSE,
    last_error TEXT NOT NULL DEFAULT '',
    sign_in_wrong BIGINT NOT NULL DEFAULT 0,
    sign_in_tried_us BIGINT NOT NULL DEFAULT 0
);
INSERT INTO meta (one) VALUES (1);

-- This device's chain, which is its outbox too.
CREATE TABLE op (
    n INTEGER PRIMARY KEY,
    op_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    sealed BLOB,
    asig BLOB,
    h BLOB NOT NULL,
    tbl TEXT NOT NULL,
    row_id TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    made_us BIGINT NOT NULL,
    ended_us BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX op_refused ON op (n) WHERE state IN ('rejected', 'conflict', 'quarantined');

-- Rows of the cloud that wait until the last own op on them is answered.
CREATE TABLE held (tbl TEXT NOT NULL, id TEXT NOT NULL, seq BIGINT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (tbl, id)) WITHOUT ROWID;

-- Rows that the running snapshot has brought.
CREATE TABLE snapshot_seen (tbl TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (tbl, id)) WITHOUT ROWID;

-- Grants with the private half of their actor key, encrypted under the secret.
CREATE TABLE sign_in (
    grant_id TEXT PRIMARY KEY,
    membership_id TEXT NOT NULL,
    grant_json TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    salt BLOB NOT NULL,
    sealed_key BLOB NOT NULL,
    expires_us BIGINT NOT NULL
);

-- Tries of a PIN at this device; number is hashed.
CREATE TABLE pin_try (id INTEGER PRIMARY KEY, number TEXT NOT NULL, at_us BIGINT NOT NULL, ok BOOLEAN NOT NULL);

CREATE TABLE site (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    name TEXT NOT NULL, zone TEXT NOT NULL, repeat_window_us BIGINT NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE department (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    name TEXT NOT NULL, parent_id TEXT NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE setting (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    key TEXT NOT NULL, value TEXT NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE membership (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, employee_id TEXT NOT NULL, state TEXT NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE employee (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    number TEXT NOT NULL, name TEXT NOT NULL, short_name TEXT NOT NULL, department_id TEXT NOT NULL,
    site_id TEXT NOT NULL, language TEXT NOT NULL, active BOOLEAN NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX employee_number ON employee (number);

CREATE TABLE consent (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    employee_id TEXT NOT NULL, kind TEXT NOT NULL, given_on TEXT NOT NULL, withdrawn_on TEXT NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX consent_employee ON consent (employee_id);

CREATE TABLE company_key (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    recipient TEXT NOT NULL, wrapped TEXT NOT NULL, endorsed_by TEXT NOT NULL, signature BLOB NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE credential (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    employee_id TEXT NOT NULL, kind TEXT NOT NULL, pack TEXT NOT NULL, key_id TEXT NOT NULL, label TEXT NOT NULL,
    sealed BLOB NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE punch (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    op_id TEXT NOT NULL, employee_id TEXT NOT NULL, device_id TEXT NOT NULL, site_id TEXT NOT NULL,
    kind TEXT NOT NULL, method TEXT NOT NULL, confidence DOUBLE PRECISION NOT NULL,
    at_us BIGINT NOT NULL, wall_us BIGINT NOT NULL, mono_us BIGINT NOT NULL, boot_id TEXT NOT NULL,
    time_source TEXT NOT NULL, flags TEXT NOT NULL, source TEXT NOT NULL, place TEXT NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX punch_employee ON punch (employee_id, at_us);
CREATE INDEX punch_at ON punch (at_us);

CREATE TABLE punch_edit (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    op_id TEXT NOT NULL, punch_id TEXT NOT NULL, seen TEXT NOT NULL, what TEXT NOT NULL, "values" TEXT NOT NULL,
    cause TEXT NOT NULL, reason TEXT NOT NULL, "by" TEXT NOT NULL, at_us BIGINT NOT NULL, effective BOOLEAN NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX punch_edit_punch ON punch_edit (punch_id);

CREATE TABLE punch_decision (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    op_id TEXT NOT NULL, punch_id TEXT NOT NULL, seen TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL,
    "by" TEXT NOT NULL, at_us BIGINT NOT NULL, effective BOOLEAN NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX punch_decision_punch ON punch_decision (punch_id);

CREATE TABLE incident (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    op_id TEXT NOT NULL, device_id TEXT NOT NULL, employee_id TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX incident_at ON incident (at_us);

CREATE TABLE conflict (
    company_id TEXT NOT NULL, id TEXT PRIMARY KEY,
    op_id TEXT NOT NULL, tbl TEXT NOT NULL, row_id TEXT NOT NULL, reason TEXT NOT NULL, "by" TEXT NOT NULL,
    first_by TEXT NOT NULL, mine TEXT NOT NULL, state TEXT NOT NULL,
    rev BIGINT NOT NULL, seq BIGINT NOT NULL, deleted BOOLEAN NOT NULL, changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE conflict;
DROP TABLE incident;
DROP TABLE punch_decision;
DROP TABLE punch_edit;
DROP TABLE punch;
DROP TABLE credential;
DROP TABLE company_key;
DROP TABLE consent;
DROP TABLE employee;
DROP TABLE membership;
DROP TABLE setting;
DROP TABLE department;
DROP TABLE site;
DROP TABLE pin_try;
DROP TABLE sign_in;
DROP TABLE snapshot_seen;
DROP TABLE held;
DROP TABLE op;
DROP TABLE meta;
