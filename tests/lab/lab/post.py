# SPDX-License-Identifier: Apache-2.0
"""Letters on their way: sent by a stranger or by a user, and followed through Postfix's queue to their end."""

import re

from lab import doors as the_doors
from lab import waiting

STRANGER = "mallory@elsewhere.example.net"


class Letter:
    """A letter that was sent: its subject, what the server said to it, and its place in the queue."""

    def __init__(self, mail_host, subject, said):
        self.subject = subject
        self.said = said
        self._mail_host = mail_host
        found = re.search(r"queued as (\w+)", said.words)
        self._id = found.group(1) if found else None

    @property
    def answer(self):
        """The code and words that the letter ended with: those of RCPT if no recipient was taken."""
        return f"{self.said.code} {self.said.words}"

    def in_queue(self):
        """Its entry as postqueue -j words it, or None once it is through."""
        assert self._id, f"the server did not take the letter: {self.answer}"
        return next((entry for entry in self._mail_host.queue() if entry["queue_id"] == self._id), None)

    def settle(self):
        """Waits until it has left the queue: each recipient has it, or its sender a bounce is on its way to."""
        waiting.until(lambda: not self.in_queue(), f"'{self.subject}' leaves the queue (now {self.delays()})", 20)
        return self

    def wait_for_delay(self, words):
        """Waits until it is deferred for a reason with these words in it."""
        def delayed():
            entry = self.in_queue()
            return entry and entry["queue_name"] == "deferred" and words in str(self.delays())

        waiting.until(delayed, f"'{self.subject}' is deferred with '{words}'", 20)

    def delays(self):
        entry = self.in_queue() or {"recipients": []}
        return [recipient.get("delay_reason", "") for recipient in entry["recipients"]]


class Post:
    def __init__(self, mail_host, doors):
        self._mail_host = mail_host
        self._doors = doors

    def from_stranger(self, *recipients, sender=STRANGER, body="Hello.\n"):
        """At port 25, from the rest of the world."""
        return self._send(self._doors.smtp(), sender, recipients, body)

    def from_user(self, user, *recipients, sender=None, body="Hello.\n"):
        """At submission, signed in as this user, from its own address unless another is named."""
        return self._send(self._doors.submission(user.address, user.password), sender or user.address, recipients, body)

    def _send(self, session, sender, recipients, body):
        letter = the_doors.letter(sender or "<>", recipients[0], body=body)
        try:
            return Letter(self._mail_host, letter["Subject"], the_doors.send(session, sender, recipients, letter))
        finally:
            the_doors.leave(session)

    def try_again(self, elsewhere):
        """Has Postfix try all that waits in its queue. A letter to the address `elsewhere` goes first: the queue manager
        knows for 30 s where the last address led that it asked for (Postfix 3.7, resolve_clnt.c), and that may be the one
        that leads somewhere else now."""
        self.from_stranger(elsewhere).settle()
        self._mail_host.flush_queue()

    def holds(self, address, letter):
        """Whether this mailbox has the letter in its INBOX: asked of the server, as its owner may be unable to sign in."""
        words = ["doveadm", "search", "-u", address, "mailbox", "INBOX", "header", "Subject", letter.subject]
        return bool(self._mail_host.machine.run(words).stdout.strip())
