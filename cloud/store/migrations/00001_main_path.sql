-- One text for SQLite and PostgreSQL. Instants are BIGINT microseconds UTC
-- (suffix _us), ids are UUIDv7 text. company_id leads every key; only directory
-- and account, which exist once for all companies, are without.

-- +goose Up

CREATE TABLE directory (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    company_id TEXT NOT NULL,
    PRIMARY KEY (kind, key, company_id)
);

CREATE TABLE account (
    account_id TEXT NOT NULL PRIMARY KEY,
    login_key TEXT UNIQUE,
    password_hash TEXT NOT NULL,
    token_sha TEXT UNIQUE,
    state TEXT NOT NULL,
    changed_us BIGINT NOT NULL
);

CREATE TABLE company_seq (
    company_id TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    epoch TEXT NOT NULL,
    horizon_seq BIGINT NOT NULL
);

CREATE TABLE device (
    company_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    name TEXT NOT NULL,
    profile TEXT NOT NULL,
    site_id TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    age_recipient TEXT NOT NULL,
    last_n BIGINT NOT NULL,
    last_h BYTEA NOT NULL,
    state TEXT NOT NULL,
    schema_no BIGINT NOT NULL,
    last_seen_us BIGINT NOT NULL,
    offset_us BIGINT,
    PRIMARY KEY (company_id, device_id)
);

CREATE TABLE enroll_code (
    company_id TEXT NOT NULL,
    code_sha TEXT NOT NULL,
    profile TEXT NOT NULL,
    site_id TEXT NOT NULL,
    expires_us BIGINT NOT NULL,
    used_us BIGINT NOT NULL,
    device_id TEXT NOT NULL,
    PRIMARY KEY (company_id, code_sha)
);

CREATE TABLE sign_in_grant (
    company_id TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    membership_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    actor_key BYTEA NOT NULL,
    issued_us BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    revoked_us BIGINT NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (company_id, grant_id)
);

-- The log of everything that was asked for, whatever became of it. seq is the
-- first of the two sequence numbers kept for the rows an op makes, so that the
-- log can be replayed in the order in which it was applied.
CREATE TABLE op (
    company_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    op_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    body_sha BYTEA NOT NULL,
    asig BYTEA NOT NULL,
    h BYTEA NOT NULL,
    "by" TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    recv_us BIGINT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (company_id, device_id, n),
    UNIQUE (company_id, op_id)
);

CREATE TABLE checkpoint (
    company_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    h BYTEA NOT NULL,
    wall_us BIGINT NOT NULL,
    mono_us BIGINT NOT NULL,
    boot TEXT NOT NULL,
    server_us BIGINT NOT NULL,
    offset_us BIGINT,
    device_sig BYTEA NOT NULL,
    cloud_sig BYTEA NOT NULL,
    PRIMARY KEY (company_id, device_id, n)
);

-- The synced tables: what the log says. Their columns are those of op.Tables.

CREATE TABLE site (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "zone" TEXT NOT NULL,
    "repeat_window_us" BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE department (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "parent_id" TEXT NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE setting (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE membership (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "employee_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE employee (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "short_name" TEXT NOT NULL,
    "department_id" TEXT NOT NULL,
    "site_id" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE consent (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "employee_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "given_on" TEXT NOT NULL,
    "withdrawn_on" TEXT NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE company_key (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "wrapped" TEXT NOT NULL,
    "endorsed_by" TEXT NOT NULL,
    "signature" BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE credential (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "employee_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "pack" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE punch (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "op_id" TEXT NOT NULL,
    "employee_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "site_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "at_us" BIGINT NOT NULL,
    "wall_us" BIGINT NOT NULL,
    "mono_us" BIGINT NOT NULL,
    "boot_id" TEXT NOT NULL,
    "time_source" TEXT NOT NULL,
    "flags" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "place" TEXT NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE punch_edit (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "op_id" TEXT NOT NULL,
    "punch_id" TEXT NOT NULL,
    "seen" TEXT NOT NULL,
    "what" TEXT NOT NULL,
    "values" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "at_us" BIGINT NOT NULL,
    "effective" BOOLEAN NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE punch_decision (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "op_id" TEXT NOT NULL,
    "punch_id" TEXT NOT NULL,
    "seen" TEXT NOT NULL,
    "verdict" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "at_us" BIGINT NOT NULL,
    "effective" BOOLEAN NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE incident (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "op_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "employee_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "at_us" BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE TABLE conflict (
    company_id TEXT NOT NULL,
    id TEXT NOT NULL,
    "op_id" TEXT NOT NULL,
    "tbl" TEXT NOT NULL,
    "row_id" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "first_by" TEXT NOT NULL,
    "mine" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    rev BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    deleted BOOLEAN NOT NULL,
    changed_us BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, seq)
);

CREATE INDEX membership_account ON membership (company_id, account_id);
CREATE INDEX employee_number ON employee (company_id, "number");
CREATE INDEX punch_person ON punch (company_id, employee_id, at_us, device_id);
CREATE INDEX punch_edit_of ON punch_edit (company_id, punch_id);
CREATE INDEX punch_edit_added ON punch_edit (company_id, at_us) WHERE what = 'add';
CREATE INDEX punch_decision_of ON punch_decision (company_id, punch_id);
CREATE INDEX sign_in_grant_member ON sign_in_grant (company_id, membership_id);
