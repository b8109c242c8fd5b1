# SPDX-License-Identifier: Apache-2.0
"""Users with passwords, the same in Provost's record and in MariaDB, in a domain for each way to hash."""

import base64
import crypt
import hashlib
import random
import string

from lab import mail_host
from suite import fill, site as sites

PASSWORDS = 32  # different ones; so many users share one, and no server has anything from that
SCHEMES = ("sha512-crypt", "yescrypt", "sha256")
CRYPTS = {"sha512-crypt": ("$6$", 16), "yescrypt": ("$y$j9T$", 16), "md5-crypt": ("$1$", 8)}  # their marks, and letters of salt


def password(number):
    return f"correct-horse-{number % PASSWORDS:02d}-battery"


def stored(scheme, text):
    if scheme == "sha256":
        return "{SHA256}" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    prefix, length = CRYPTS[scheme]
    salt = "".join(random.choices("./" + string.ascii_letters + string.digits, k=length))
    return crypt.crypt(text, prefix + salt)


def login(number, scheme):
    return fill.mailbox_name(number, f"{scheme}.test")


class People:
    """So many users of each scheme; `hashes` by scheme, of which user N has the one of password(N)."""

    def __init__(self, count, schemes=SCHEMES):
        self.count = count
        self.hashes = {scheme: [stored(scheme, password(number)) for number in range(PASSWORDS)] for scheme in schemes}

    def put_into(self, site):
        """Leaves the daemon up, with all of them."""
        for scheme in self.hashes:
            site.provost("domain", "add", f"{scheme}.test")
            site.provost("mailbox", "add", f"template@{scheme}.test", "--password-stdin", input=f"{password(0)}\n")
        site.stop_provostd()
        for scheme, hashes in self.hashes.items():
            fill.mailboxes(site.database, f"template@{scheme}.test", self.count, f"{scheme}.test", hashes)
        site.start_provostd()
        site.wait_for_copy()

    def put_into_mariadb(self, database):
        # Bare crypt(3) is what its default scheme reads.
        database.add_users(pair for scheme in self.hashes for pair in self.logins_and_hashes(scheme))

    def file(self, site, scheme, numbers=None):
        """Who signs in, for our measuring programs; returns the path inside."""
        chosen = range(self.count) if numbers is None else numbers
        text = "".join(f"{login(number, scheme)}\t{password(number)}\n" for number in chosen)
        return site.write(f"{scheme}-{len(chosen)}.users", text)

    def logins_and_hashes(self, scheme):
        return [(login(number, scheme), self.hashes[scheme][number % PASSWORDS]) for number in range(self.count)]

    def hashes_file(self, site, scheme):
        return site.write(f"{scheme}.hashes", "".join(f"{password(n)}\t{hashed}\n" for n, hashed in enumerate(self.hashes[scheme])))


class SignIns:
    """One connection to an authentication socket, asked one at a time."""

    def __init__(self, path):
        self._peer = sites.connect(path)
        self._lines = self._peer.makefile("rwb")
        self._lines.write(b"VERSION\t1\t2\nCPID\t%d\n" % random.randrange(100_000, 1_000_000))
        self._lines.flush()
        while self._lines.readline() not in (b"DONE\n", b""):
            continue
        self._last = 0

    def told(self, user, text, address="10.200.0.1"):
        """"OK", "temporary" or "FAIL"."""
        self._last += 1
        response = base64.b64encode(f"\0{user}\0{text}".encode()).decode()
        line = f"AUTH\t{self._last}\tPLAIN\tservice=imap\tsecured\tnologin\tlip=192.0.2.1\trip={address}\tresp={response}\n"
        self._lines.write(line.encode())
        self._lines.flush()
        answer = self._lines.readline().decode()
        if not answer:
            raise ConnectionError("the authentication socket was closed")
        return "temporary" if "temp_fail" in answer else answer.split("\t")[0]


class SaslauthdSignIns:
    """The same by saslauthd's protocol, where each sign-in has a connection of its own and nobody an address."""

    def __init__(self, path):
        self._path = path

    def told(self, user, text, address=None):
        login_part, realm = user.rsplit("@", 1)
        fields = [part.encode() for part in (login_part, text, "imap", realm)]
        with sites.connect(self._path) as peer:
            peer.sendall(b"".join(len(field).to_bytes(2, "big") + field for field in fields))
            answer = b""
            while len(answer) < 2 or len(answer) < 2 + int.from_bytes(answer[:2], "big"):
                more = peer.recv(4096)
                if not more:
                    raise ConnectionError("the socket was closed without an answer")
                answer += more
        return {b"OK": "OK", b"NO": "FAIL"}.get(answer[2:4], "temporary")
