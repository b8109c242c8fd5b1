-- SPDX-License-Identifier: Apache-2.0
-- The system of record. One text for every engine: ids are UUIDs made by provostd, times are milliseconds since 1970,
-- flags are 0 or 1, names are folded before they come here and compared as bytes. A limit is NULL for "nothing said",
-- -1 for "unlimited", or a number. A statement ends with a semicolon at the end of a line.

-- One row: where the record stands. Every act changes it first, so that acts commit in the order of their revisions.
CREATE TABLE revision (
    id SMALLINT NOT NULL PRIMARY KEY,
    epoch VARCHAR(64) NOT NULL,
    revision BIGINT NOT NULL,
    nonce VARCHAR(64) NOT NULL
);

-- The nonces tell two histories apart that share a number.
CREATE TABLE revision_log (
    revision BIGINT NOT NULL PRIMARY KEY,
    nonce VARCHAR(64) NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX revision_log_at_ix ON revision_log (at);

-- What an act changed: kind is 0 domain, 1 mailbox, 2 alias.
CREATE TABLE change_log (
    revision BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    kind SMALLINT NOT NULL,
    id CHAR(36) NOT NULL,
    PRIMARY KEY (revision, seq)
);

CREATE TABLE domain (
    id CHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(253) NOT NULL UNIQUE,
    kind VARCHAR(16) NOT NULL,
    description TEXT NOT NULL,
    enabled SMALLINT NOT NULL,
    expires BIGINT,
    maps_to VARCHAR(253),
    transport VARCHAR(512) NOT NULL,
    archive_to VARCHAR(254),
    limit_mailboxes BIGINT,
    limit_aliases BIGINT,
    limit_aliases_per_mailbox BIGINT,
    limit_external_aliases BIGINT,
    limit_quota_per_mailbox BIGINT,
    default_quota BIGINT,
    limit_total_quota BIGINT,
    created BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX domain_expires_ix ON domain (expires, id);

CREATE TABLE domain_catch_all (
    domain_id CHAR(36) NOT NULL REFERENCES domain (id),
    seq INTEGER NOT NULL,
    address VARCHAR(254) NOT NULL,
    PRIMARY KEY (domain_id, seq)
);

-- A deleted mailbox stays here, under its name, until it is purged; several deleted ones may share a name.
CREATE TABLE mailbox (
    id CHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(254) NOT NULL,
    domain VARCHAR(253) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    display_name TEXT NOT NULL,
    state VARCHAR(16) NOT NULL,
    suspension VARCHAR(16) NOT NULL,
    expires BIGINT,
    restorable_until BIGINT,
    quota_bytes BIGINT,
    quota_messages BIGINT,
    keep_copy SMALLINT NOT NULL,
    services SMALLINT NOT NULL,
    transport VARCHAR(512) NOT NULL,
    recovery_address VARCHAR(254),
    recovery_confirmed SMALLINT NOT NULL,
    store_target VARCHAR(64) NOT NULL,
    store_name VARCHAR(512) NOT NULL,
    store_generation VARCHAR(255) NOT NULL,
    store_state VARCHAR(16) NOT NULL,
    store_reason TEXT NOT NULL,
    created BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX mailbox_name_ix ON mailbox (name, id);
CREATE INDEX mailbox_domain_ix ON mailbox (domain, name, state, quota_bytes);
CREATE INDEX mailbox_expires_ix ON mailbox (expires, id);
CREATE INDEX mailbox_restorable_ix ON mailbox (restorable_until, id);

-- Every name among what is not deleted, claimed once: by an alias or a mailbox as its address, or by a mailbox as a
-- further login. A former name is the weakest claim: whoever wants the name takes it.
CREATE TABLE name (
    name VARCHAR(254) NOT NULL PRIMARY KEY,
    owner_kind VARCHAR(8) NOT NULL,
    owner_id CHAR(36) NOT NULL,
    role VARCHAR(8) NOT NULL
);
CREATE INDEX name_owner_ix ON name (owner_id);

-- The names a mailbox has beside its own, in order, also while it is deleted and claims none of them.
CREATE TABLE mailbox_name (
    mailbox_id CHAR(36) NOT NULL REFERENCES mailbox (id),
    role VARCHAR(8) NOT NULL,
    seq INTEGER NOT NULL,
    name VARCHAR(254) NOT NULL,
    PRIMARY KEY (mailbox_id, role, seq)
);

CREATE TABLE mailbox_forward (
    mailbox_id CHAR(36) NOT NULL REFERENCES mailbox (id),
    seq INTEGER NOT NULL,
    address VARCHAR(254) NOT NULL,
    PRIMARY KEY (mailbox_id, seq)
);

CREATE TABLE mailbox_member (
    mailbox_id CHAR(36) NOT NULL REFERENCES mailbox (id),
    seq INTEGER NOT NULL,
    member_id CHAR(36) NOT NULL REFERENCES mailbox (id),
    rights SMALLINT NOT NULL,
    PRIMARY KEY (mailbox_id, seq)
);
CREATE INDEX mailbox_member_of_ix ON mailbox_member (member_id);

CREATE TABLE credential (
    id CHAR(36) NOT NULL PRIMARY KEY,
    mailbox_id CHAR(36) NOT NULL REFERENCES mailbox (id),
    kind VARCHAR(16) NOT NULL,
    label TEXT NOT NULL,
    hash TEXT NOT NULL,
    services SMALLINT NOT NULL,
    networks TEXT NOT NULL,
    expires BIGINT,
    created BIGINT NOT NULL
);
CREATE INDEX credential_mailbox_ix ON credential (mailbox_id, created, id);

CREATE TABLE alias (
    id CHAR(36) NOT NULL PRIMARY KEY,
    address VARCHAR(254) NOT NULL UNIQUE,
    domain VARCHAR(253) NOT NULL,
    description TEXT NOT NULL,
    enabled SMALLINT NOT NULL,
    expires BIGINT,
    targets_may_send SMALLINT NOT NULL,
    posting VARCHAR(16) NOT NULL,
    created BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX alias_domain_ix ON alias (domain, address);
CREATE INDEX alias_expires_ix ON alias (expires, id);

CREATE TABLE alias_target (
    alias_id CHAR(36) NOT NULL REFERENCES alias (id),
    seq INTEGER NOT NULL,
    address VARCHAR(254) NOT NULL,
    domain VARCHAR(253) NOT NULL,
    PRIMARY KEY (alias_id, seq)
);
CREATE INDEX alias_target_address_ix ON alias_target (address);

CREATE TABLE alias_poster (
    alias_id CHAR(36) NOT NULL REFERENCES alias (id),
    seq INTEGER NOT NULL,
    address VARCHAR(254) NOT NULL,
    PRIMARY KEY (alias_id, seq)
);

CREATE TABLE audit (
    revision BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    actor VARCHAR(255) NOT NULL,
    actor_from VARCHAR(255) NOT NULL,
    act VARCHAR(64) NOT NULL,
    subject VARCHAR(254) NOT NULL,
    state_before TEXT NOT NULL,
    state_after TEXT NOT NULL,
    PRIMARY KEY (revision, seq)
);
CREATE INDEX audit_subject_ix ON audit (subject, revision);

-- What targets have yet to do. Taken by lease: whoever moves leased_until forward has it until then.
CREATE TABLE work (
    id CHAR(36) NOT NULL PRIMARY KEY,
    target VARCHAR(64) NOT NULL,
    verb VARCHAR(64) NOT NULL,
    subject VARCHAR(254) NOT NULL,
    detail TEXT NOT NULL,
    due BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL
);
CREATE INDEX work_due_ix ON work (due, id);

-- Observations: written without a revision.
CREATE TABLE mailbox_usage (
    mailbox_id CHAR(36) NOT NULL PRIMARY KEY REFERENCES mailbox (id),
    bytes BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE last_login (
    mailbox_id CHAR(36) NOT NULL REFERENCES mailbox (id),
    service VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    from_address VARCHAR(255) NOT NULL,
    PRIMARY KEY (mailbox_id, service)
);
