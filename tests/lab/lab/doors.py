# SPDX-License-Identifier: Apache-2.0
"""The doors of a mail host as a mail program sees them: IMAP, POP3, ManageSieve, submission, port 25.

Sockets are made inside the machine's network, from its loopback; or from the rest of the world, as a stranger's.
"""

import base64
import contextlib
import dataclasses
import email
import email.message
import email.policy
import imaplib
import poplib
import smtplib
import socket
import ssl
import uuid

from lab import machine, waiting

PATIENCE = 30  # seconds for one answer of a server

# What is in a refusal that is meant for this user, and not for a server in trouble.
NO = ("AUTHENTICATIONFAILED", "[AUTH]", "Authentication failed", "This account ")


def any_certificate():
    """TLS without asking who the peer is: the machine's certificate is self-signed."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class SieveRefused(Exception):
    """A NO or BYE of a ManageSieve server; its words."""


class Sieve:
    """A ManageSieve client (RFC 5804): enough to sign in and keep scripts."""

    def __init__(self, host, port, timeout):
        self._socket = socket.create_connection((host, port), timeout=timeout)
        self._lines = self._socket.makefile("rb")
        self.capabilities = self._answer()

    def starttls(self, context):
        self._ask(b"STARTTLS")
        self._lines.close()
        self._socket = context.wrap_socket(self._socket)
        self._lines = self._socket.makefile("rb")
        self.capabilities = self._answer()

    def login(self, user, password):
        words = base64.b64encode(b"\0" + user.encode() + b"\0" + password.encode())
        return self._ask(b'AUTHENTICATE "PLAIN" "' + words + b'"')

    def put(self, name, script):
        text = script.encode()
        return self._ask(f'PUTSCRIPT "{name}" {{{len(text)}+}}\r\n'.encode() + text)

    def activate(self, name):
        return self._ask(f'SETACTIVE "{name}"'.encode())

    def list(self):
        return self._ask(b"LISTSCRIPTS")

    def close(self):
        self._lines.close()
        self._socket.close()

    def _ask(self, command):
        self._socket.sendall(command + b"\r\n")
        return self._answer()

    def _answer(self):
        """The lines before the OK. No script is ever fetched, so a literal only occurs in a refusal's words."""
        lines = []
        while True:
            line = self._lines.readline()
            if not line:
                raise ConnectionResetError("the ManageSieve server closed the connection")
            text = line.decode().rstrip("\r\n")
            if text.startswith("OK"):
                return lines
            if text.startswith(("NO", "BYE")):
                if text.endswith("}"):
                    text += self._lines.read(int(text[text.rindex("{") + 1 : -1].rstrip("+"))).decode()
                raise SieveRefused(text)
            lines.append(text)


@dataclasses.dataclass
class Sent:
    """What a server said to a message: the answer to RCPT for each recipient, and the one to the message itself."""

    recipients: dict
    code: int
    words: str


class Doors:
    """abroad: users come from the rest of the world, as those with a mail program of their own do; not from loopback."""

    def __init__(self, of_machine, abroad=False):
        self.machine = of_machine
        self._tls = any_certificate()
        self._there = of_machine.world if abroad else of_machine.network
        self._host = machine.ADDRESS if abroad else "127.0.0.1"

    def imap(self, user=None, password=None, port=143):
        with self._there():
            session = (imaplib.IMAP4_SSL(self._host, port, ssl_context=self._tls, timeout=PATIENCE) if port == 993
                       else imaplib.IMAP4(self._host, port, timeout=PATIENCE))
        if port == 143:
            session.starttls(self._tls)
        if user is not None:
            session.login(user, password)
        return session

    def pop3(self, user=None, password=None, port=110):
        with self._there():
            session = (poplib.POP3_SSL(self._host, port, context=self._tls, timeout=PATIENCE) if port == 995
                       else poplib.POP3(self._host, port, timeout=PATIENCE))
        if port == 110:
            session.stls(self._tls)
        if user is not None:
            session.user(user)
            session.pass_(password)
        return session

    def sieve(self, user=None, password=None):
        with self._there():
            session = Sieve(self._host, 4190, PATIENCE)
        session.starttls(self._tls)
        if user is not None:
            session.login(user, password)
        return session

    def submission(self, user=None, password=None, tls=True):
        with self._there():
            session = smtplib.SMTP(self._host, 587, local_hostname="client.example.test", timeout=PATIENCE)
        if tls:
            session.starttls(context=self._tls)
        session.ehlo()
        if user is not None:
            sign_in(session, user, password)
        return session

    def submissions(self, user=None, password=None):
        with self._there():
            session = smtplib.SMTP_SSL(self._host, 465, local_hostname="client.example.test", timeout=PATIENCE, context=self._tls)
        session.ehlo()
        if user is not None:
            sign_in(session, user, password)
        return session

    def smtp(self):
        """Port 25, as a stranger in the rest of the world."""
        with self.machine.world():
            session = smtplib.SMTP(machine.ADDRESS, 25, local_hostname="stranger.example.net", timeout=PATIENCE)
        session.ehlo()
        return session

    def signs_in(self, door, user, password):
        """Whether this door lets the user in; raises what is neither yes nor no (a server in trouble)."""
        try:
            session = getattr(self, door)(user, password)
        except (imaplib.IMAP4.error, poplib.error_proto, SieveRefused) as refusal:
            if any(word in str(refusal) for word in NO):
                return False
            raise
        except smtplib.SMTPAuthenticationError as refusal:
            if refusal.smtp_code == 535:
                return False
            raise
        leave(session)
        return True

    def mailbox(self, user, password):
        return Mailbox(self, user, password)


def sign_in(session, user, password):
    """By one way only: smtplib's login tries the next after a refusal, and waits for that one too."""
    session.user, session.password = user, password
    session.ehlo_or_helo_if_needed()
    code, words = session.auth("PLAIN", session.auth_plain)
    if code not in (235, 503):
        raise smtplib.SMTPAuthenticationError(code, words)


def words_of(refusal):
    """What a door said when it refused, as text in one line."""
    words = refusal.smtp_error if isinstance(refusal, smtplib.SMTPResponseException) else refusal.args[0]
    return (words.decode(errors="replace") if isinstance(words, bytes) else str(words)).replace("\n", " ")


def leave(session):
    """Hangs up, whatever kind of session it is and whatever the server did to it before."""
    with contextlib.suppress(OSError, imaplib.IMAP4.error, smtplib.SMTPException):
        if isinstance(session, imaplib.IMAP4):
            session.shutdown()
        else:
            session.close()


def letter(sender, recipient, subject=None, body="Hello.\n"):
    """A message with a subject that no other has."""
    made = email.message.EmailMessage(policy=email.policy.SMTP)
    made["From"], made["To"] = sender, recipient
    made["Subject"] = subject or f"test {uuid.uuid4()}"
    made["Message-ID"] = f"<{uuid.uuid4()}@client.example.test>"
    made.set_content(body)
    return made


def send(session, sender, recipients, message):
    """Sends in steps, so that every answer is seen; leaves the session ready for the next message."""
    said = Sent({}, *decoded(session.mail(sender)))
    if said.code == 250:
        for recipient in recipients:
            said.recipients[recipient] = decoded(session.rcpt(recipient))
        if any(code in (250, 251) for code, _ in said.recipients.values()):
            said.code, said.words = decoded(session.data(message.as_bytes()))
        else:
            said.code, said.words = next(iter(said.recipients.values()))
    session.rset()
    return said


def rcpt(session, recipient, sender, size=None):
    """What the server says to this recipient of a letter whose size it is told, or not; the session is ready for another."""
    said = decoded(session.mail(sender, [f"SIZE={size}"] if size else []))
    if said[0] == 250:
        said = decoded(session.rcpt(recipient))
    session.rset()
    return said


def decoded(answer):
    return answer[0], answer[1].decode(errors="replace")


class Mailbox:
    """A user's mail, read over IMAP with a new session for each look."""

    def __init__(self, doors, user, password):
        self._doors = doors
        self._user = user
        self._password = password

    def messages(self, folder="INBOX"):
        session = self._doors.imap(self._user, self._password)
        try:
            found, _ = session.select(folder, readonly=True)
            if found != "OK":
                return []
            _, data = session.search(None, "ALL")
            numbers = data[0].split()
            fetched = [session.fetch(number.decode(), "(RFC822)")[1][0][1] for number in numbers]
            return [email.message_from_bytes(raw, policy=email.policy.default) for raw in fetched]
        finally:
            session.logout()

    def subjects(self, folder="INBOX"):
        return [message["Subject"] for message in self.messages(folder)]

    def wait_for(self, subject, folder="INBOX", seconds=15):
        """Returns the first message with this subject once it is there."""
        def look():
            return next((message for message in self.messages(folder) if message["Subject"] == subject), None)

        return waiting.until(look, f"'{subject}' arrives at {self._user}", seconds)
