# SPDX-License-Identifier: Apache-2.0
"""The second half of ./quickstart: starts a mail host, walks through it once, and stays until Ctrl-C (not with --check)."""

import argparse
import concurrent.futures
import imaplib
import os
import pathlib
import poplib
import secrets
import shutil
import signal
import smtplib
import socket
import ssl
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from lab import cyrus_host, doors, mail_host, programs, relay, waiting  # noqa: E402  (the path above comes first)

LOGS = programs.TOP / "build" / "quickstart-logs"
ALICE, BOB, ALIAS = "alice@example.test", "bob@example.test", "info@example.test"
PATIENCE = 30


class StepFailed(Exception):
    """A step of the walk did not work out; says why."""


class Walk:
    def __init__(self, host, ports):
        self.host = host
        self.ports = ports
        self.passwords = {name: secrets.token_urlsafe(12) for name in (ALICE, BOB)}
        self.tls = doors.any_certificate()

    def make_users(self):
        self.host.provost("domain", "add", "example.test")
        for address, password in self.passwords.items():
            self.host.provost("mailbox", "add", address, "--password-stdin", input=f"{password}\n")
        self.host.provost("alias", "add", ALIAS, BOB)
        return f"example.test with {ALICE}, {BOB} and {ALIAS} -> {BOB}"

    def submit(self):
        with smtplib.SMTP("127.0.0.1", self.ports["submission"], "client.example.test", timeout=PATIENCE) as session:
            session.starttls(context=self.tls)
            session.login(ALICE, self.passwords[ALICE])
            session.send_message(doors.letter(ALICE, ALIAS, "Quickstart"))
        return f"{ALICE} signed in over STARTTLS, and her message to {ALIAS} was taken"

    def read(self):
        def look():
            session = self.imap(BOB)
            session.select("INBOX", readonly=True)
            found = session.search(None, "SUBJECT", "Quickstart")[1][0].split()
            shown = session.fetch(found[0].decode(), "(BODY[HEADER.FIELDS (FROM TO SUBJECT)])")[1][0][1] if found else None
            session.logout()
            return shown

        header = waiting.until(look, f"the message is in {BOB}'s mailbox", 30)
        return f"{BOB} reads over IMAP:" + "".join(f"\n      {line}" for line in header.decode().split("\r\n") if line)

    def disable(self):
        session = self.imap(BOB)
        session.select("INBOX")
        session.send(b"i1 IDLE\r\n")
        if not session.readline().startswith(b"+"):
            raise StepFailed("the IMAP server did not take IDLE")
        ended = threading.Event()
        threading.Thread(target=wait_for_end, args=(session, ended), daemon=True).start()
        started = time.monotonic()
        said = self.host.provost("mailbox", "disable", BOB)
        took = milliseconds(started)
        if not ended.wait(10):
            raise StepFailed(f"{BOB}'s idle IMAP session still stands after disable")
        lines = [f"`provost mailbox disable {BOB}` took {took}, ended his idle session, and says:"]
        lines += [f"      {line}" for line in said.out.splitlines()]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            knocks = {door: pool.submit(self.knock, door) for door in ("imap", "pop3", "sieve", "submission")}
        lines.append("    and at the doors, with his right password:")
        lines += [f"      {door:<11} {knock.result()}" for door, knock in knocks.items()]
        return "\n".join(lines)

    def imap(self, user):
        session = imaplib.IMAP4("127.0.0.1", self.ports["imap"], timeout=PATIENCE)
        session.starttls(self.tls)
        session.login(user, self.passwords[user])
        return session

    def knock(self, door):
        """Signs in as bob, who is off by now; says how the door refused him and how long that took."""
        started = time.monotonic()
        try:
            getattr(self, f"knock_{door}")(self.passwords[BOB])
        except (imaplib.IMAP4.error, poplib.error_proto, doors.SieveRefused, smtplib.SMTPAuthenticationError) as refusal:
            return f"refused in {milliseconds(started)}: {doors.words_of(refusal)}"
        raise StepFailed(f"{door} let {BOB} in after he was disabled")

    def knock_imap(self, _):
        self.imap(BOB)

    def knock_pop3(self, password):
        session = poplib.POP3("127.0.0.1", self.ports["pop3"], timeout=PATIENCE)
        session.stls(self.tls)
        session.user(BOB)
        session.pass_(password)

    def knock_sieve(self, password):
        session = doors.Sieve("127.0.0.1", self.ports["sieve"], PATIENCE)
        session.starttls(self.tls)
        session.login(BOB, password)

    def knock_submission(self, password):
        with smtplib.SMTP("127.0.0.1", self.ports["submission"], "client.example.test", timeout=PATIENCE) as session:
            session.starttls(context=self.tls)
            session.login(BOB, password)


def wait_for_end(session, ended):
    try:
        while session.readline():
            continue
    except (OSError, ssl.SSLError, imaplib.IMAP4.error):
        pass
    ended.set()


def milliseconds(started):
    return f"{(time.monotonic() - started) * 1000:.0f} ms"


def say(text):
    print(text, flush=True)


def step(name, work, log):
    started = time.monotonic()
    say(f"  {name} ...")
    try:
        said = work()
    except (Exception, StepFailed) as error:  # whatever went wrong, the person wants the step and its log
        say(f"    {type(error).__name__}: {error}")
        raise SystemExit(f"quickstart: the step '{name}' failed; the logs are in {log}") from error
    say(f"    {milliseconds(started)}" + (f": {said}" if said else ""))


def tell(name, ports, walk):
    say("\nThe mail host runs. Its doors on 127.0.0.1 (the certificate is self-signed):")
    for door, port in ports.items():
        say(f"  {door:<12} {port}")
    say(f"Sign in as {ALICE} with the password {walk.passwords[ALICE]}")
    say("Commands to try, in another terminal as root:")
    inside = f"tests/lab/machine enter {name} --"
    for words in ("provost mailbox list", f"provost explain {ALIAS}", f"provost mailbox enable {BOB}", "provost status"):
        say(f"  {inside} {words}")
    say(f"  {inside} bash")
    say(f"The servers' logs: {LOGS}\nCtrl-C ends it all.")


def end_on(*signals):
    for number in signals:
        signal.signal(number, lambda *_: sys.exit(0))


HOSTS = {"dovecot": ("Dovecot", mail_host.MailHost), "cyrus": ("Cyrus", cyrus_host.CyrusHost)}


def options_of(words):
    """Checked by ./quickstart already."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--check", action="store_true")
    asked.add_argument("--imap", choices=HOSTS, default="dovecot")
    return asked.parse_args(words)


def main():
    options = options_of(sys.argv[1:])
    server, make_host = HOSTS[options.imap]
    end_on(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    shutil.rmtree(LOGS, ignore_errors=True)
    name = f"quickstart-{os.getpid()}"
    say("Starting the machine")
    with make_host(name, "release", LOGS, say=say, release=programs.OURS) as host:
        step(f"configure Postfix and {server}", host.configure, LOGS)
        step("start provostd", host.start_provostd, LOGS)
        step(f"start Postfix and {server}", host.start_servers, LOGS)
        carried = relay.Relay(host.machine, mail_host.PORTS.values())
        ports = {door: carried.published[port] for door, port in mail_host.PORTS.items()}
        walk = Walk(host, ports)
        step("make a domain, two mailboxes and an alias", walk.make_users, LOGS)
        step("submit a message", walk.submit, LOGS)
        step("read it", walk.read, LOGS)
        step("disable the reader", walk.disable, LOGS)
        if options.check:
            say("Every step worked.")
        else:
            tell(name, ports, walk)
            signal.pause()


if __name__ == "__main__":
    main()
