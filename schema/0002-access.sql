-- SPDX-License-Identifier: Apache-2.0
-- Who may administer, and the tokens they call the API with. In change_log, kind 3 is an admin and 4 a token.

CREATE TABLE admin (
    id CHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(254) NOT NULL UNIQUE,
    role VARCHAR(16) NOT NULL,
    all_domains SMALLINT NOT NULL,
    description TEXT NOT NULL,
    enabled SMALLINT NOT NULL,
    expires BIGINT,
    mailbox_id CHAR(36) REFERENCES mailbox (id),
    created BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX admin_mailbox_ix ON admin (mailbox_id);

-- By id: a domain that is made again under an old name is another one, and nobody's yet.
CREATE TABLE admin_domain (
    admin_id CHAR(36) NOT NULL REFERENCES admin (id),
    domain_id CHAR(36) NOT NULL REFERENCES domain (id),
    PRIMARY KEY (admin_id, domain_id)
);
CREATE INDEX admin_domain_of_ix ON admin_domain (domain_id);

-- Never more than its admin: what is said here only takes away. hash is the SHA-256 of the secret, in hex.
CREATE TABLE token (
    id CHAR(36) NOT NULL PRIMARY KEY,
    admin_id CHAR(36) NOT NULL REFERENCES admin (id),
    label TEXT NOT NULL,
    hash CHAR(64) NOT NULL UNIQUE,
    role VARCHAR(16) NOT NULL,
    all_domains SMALLINT NOT NULL,
    read_only SMALLINT NOT NULL,
    networks TEXT NOT NULL,
    expires BIGINT,
    created BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX token_admin_ix ON token (admin_id, created, id);

CREATE TABLE token_domain (
    token_id CHAR(36) NOT NULL REFERENCES token (id),
    domain_id CHAR(36) NOT NULL REFERENCES domain (id),
    PRIMARY KEY (token_id, domain_id)
);
CREATE INDEX token_domain_of_ix ON token_domain (domain_id);

-- An observation: written without a revision.
CREATE TABLE token_use (
    token_id CHAR(36) NOT NULL PRIMARY KEY REFERENCES token (id),
    at BIGINT NOT NULL,
    from_address VARCHAR(255) NOT NULL
);
