-- SPDX-License-Identifier: Apache-2.0
-- What a mailbox needs to come back, to change its name and to go for good.

-- What a deleted mailbox is again when it comes back.
ALTER TABLE mailbox ADD COLUMN state_before VARCHAR(16) NOT NULL DEFAULT 'active';

-- Whoever names an address has to follow when it changes.
CREATE INDEX mailbox_recovery_ix ON mailbox (recovery_address);
CREATE INDEX mailbox_forward_address_ix ON mailbox_forward (address);
CREATE INDEX alias_poster_address_ix ON alias_poster (address);

-- Which mailbox took a name to sign in with, and when: what is seen of a name belongs to whoever held it then. The row
-- of a purged mailbox stays for as long as change rows do.
CREATE TABLE name_taken (
    name VARCHAR(254) NOT NULL,
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL,
    mailbox_id CHAR(36) NOT NULL,
    PRIMARY KEY (name, revision)
);
CREATE INDEX name_taken_at_ix ON name_taken (at);
INSERT INTO name_taken (name, revision, at, mailbox_id)
    SELECT name, 0, 0, owner_id FROM name WHERE owner_kind = 'mailbox';
