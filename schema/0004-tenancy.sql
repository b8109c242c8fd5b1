-- SPDX-License-Identifier: Apache-2.0
-- A domain that is made again under an old name is another one, and what was deleted in the one before is not its own.

-- The domain a mailbox is in, or was in when it was deleted; empty for a bare name, and where that is not known.
ALTER TABLE mailbox ADD COLUMN domain_id CHAR(36) NOT NULL DEFAULT '';

-- What is older than the domain of its name was deleted in another one, or came from elsewhere.
UPDATE mailbox SET domain_id = COALESCE((SELECT d.id FROM domain d WHERE d.name = mailbox.domain
    AND (mailbox.state <> 'deleted' OR d.created <= mailbox.created)), '');

-- One that was added as a deleted one was kept for nobody: it can be had back for thirty days from the last act.
UPDATE mailbox SET restorable_until = (SELECT MAX(r.at) FROM revision_log r) + 2592000000
    WHERE state = 'deleted' AND restorable_until IS NULL
    AND NOT EXISTS (SELECT 1 FROM work w WHERE w.subject = mailbox.id);
