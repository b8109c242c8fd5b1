# SPDX-License-Identifier: Apache-2.0
"""A mail host with Cyrus that has two domains, and what can be seen of it through its doors."""

import contextlib
import re

from lab import cyrus_host, mail_host, post
from lab import doors as the_doors

PASSWORD = "correct-horse-7-battery"


class CyrusSite:
    def __init__(self, name):
        self.host = cyrus_host.CyrusHost(name, logs=mail_host.kept_logs(name), settings='[passwords]\nfailure_delay = "300ms"\n')
        self.host.start()
        self.machine = self.host.machine
        self.doors = the_doors.Doors(self.machine)
        self.post = post.Post(self.host, self.doors)
        for domain in ("example.test", "other.test"):
            self.host.provost("domain", "add", domain)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.host.stop()

    def add(self, name, *options, check=True):
        return self.host.provost("mailbox", "add", name, *options, "--password-stdin", input=f"{PASSWORD}\n", check=check)

    def store(self, name):
        return self.host.provost_json("mailbox", "show", name)["store"]

    @contextlib.contextmanager
    def session(self, name):
        session = self.doors.imap(name, PASSWORD)
        try:
            yield session
        finally:
            with contextlib.suppress(Exception):
                session.logout()

    @contextlib.contextmanager
    def admin(self):
        with contextlib.ExitStack() as closing:
            session = self.doors.imap("cyrus", self.host.admin_password())
            closing.callback(session.logout)
            yield session

    def mailboxes(self, pattern="*"):
        """The names of Cyrus's mailboxes, as its administrator sees them."""
        with self.admin() as session:
            listed = session.list('""', pattern)[1]
        return {line.decode().rsplit(" ", 1)[1].strip('"') for line in listed if line}

    def quota(self, name):
        with self.admin() as session:
            found = session.getquota(f"user/{name}")
        return re.search(r"\((.*)\)", found[1][0].decode()).group(1) if found[0] == "OK" else None

    def subjects(self, name, folder="INBOX"):
        with self.session(name) as session:
            count = int(session.select(folder, readonly=True)[1][0])
            if not count:
                return []
            parts = session.fetch(f"1:{count}", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
        return [part[1].decode().split(":", 1)[1].strip() for part in parts if isinstance(part, tuple)]

    def put(self, name, subject, folder="INBOX", flags=""):
        with self.session(name) as session:
            assert session.append(folder, flags, None, f"Subject: {subject}\r\n\r\nHello.\r\n".encode())[0] == "OK"

    def uidvalidity(self, name):
        with self.session(name) as session:
            session.select("INBOX", readonly=True)
            return session.response("UIDVALIDITY")[1][0]

    def as_user(self, name):
        """A session in a user's name by the administrator's password (SASL's authzid)."""
        session = self.doors.imap()
        words = f"{name}\0cyrus\0{self.host.admin_password()}".encode()
        session.authenticate("PLAIN", lambda _: words)
        return session
