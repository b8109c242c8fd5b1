# SPDX-License-Identifier: Apache-2.0
"""Mail programs that nobody here wrote do their daily work over the network, and say why when they may not."""

import concurrent.futures
import os
import textwrap
import uuid

import pytest
from lab import doors as the_doors
from lab import mail_host as the_mail_host
from lab import terminal, waiting

SETTINGS = '[passwords]\nfailure_delay = "100ms"\n'
HOST = "mx.example.test"
CERTIFICATE = "/etc/ssl/certs/ssl-cert-snakeoil.pem"
PASSWORD = "correct-horse-7-battery"
STATE = "/var/lib/provost"
# swaks(1), EXIT CODES
NO_TLS, SENDER_REFUSED, RECIPIENT_REFUSED, NOT_SIGNED_IN = 29, 23, 24, 28

MBSYNC = """
    IMAPAccount site
    Host {host}
    Port 993
    SSLType IMAPS
    CertificateFile {certificate}
    User {user}
    Pass {password}

    IMAPStore there
    Account site

    MaildirStore here
    Path {home}/Mail/
    Inbox {home}/Mail/INBOX
    SubFolders Verbatim

    Channel both
    Far :there:
    Near :here:
    Patterns *
    Create Both
    Expunge Both
    SyncState *
"""
GETMAIL = """
    [retriever]
    type = SimplePOP3SSLRetriever
    server = {host}
    username = {user}
    password = {password}
    ca_certs = {certificate}
    [destination]
    type = Maildir
    path = {home}/fetched/
    [options]
    delete = true
"""
NEOMUTT = """
    set from = {user}
    set smtp_url = "smtps://{login}@{host}:465/"
    set smtp_pass = "{password}"
    set smtp_authenticators = "plain"
    set imap_user = {user}
    set imap_pass = "{password}"
    set imap_authenticators = "plain"
    set certificate_file = {certificate}
    set copy = no
    set wait_key = no
    set quit = yes
    set delete = no
    set sleep_time = 0
"""
SIEVE = """
    require ["fileinto", "mailbox"];
    if header :contains "subject" "invoice" {{ fileinto :create "Bills"; }}
"""


class Person:
    """Somebody with a mailbox, and a home in which each mail program has its settings."""

    def __init__(self, site, name):
        self.site = site
        self.user = f"{name}-{uuid.uuid4().hex[:8]}@example.test"
        self.home = f"/home/{name}"
        self._machine = site.machine
        site.provost("mailbox", "add", self.user, "--password-stdin", input=f"{PASSWORD}\n")
        self.mailbox = site.doors.mailbox(self.user, PASSWORD)
        self._name = name
        self._machine.run(["useradd", "--create-home", name])
        self._machine.run(["sh", "-ec", "cd && mkdir -p Mail fetched/cur fetched/new fetched/tmp"], user=name, home=self.home)
        for file, text in (("mbsyncrc", MBSYNC), ("getmailrc", GETMAIL), ("neomuttrc", NEOMUTT), ("bills.sieve", SIEVE)):
            self.write(file, textwrap.dedent(text).lstrip().format(
                host=HOST, certificate=CERTIFICATE, user=self.user, login=self.user.replace("@", "%40"), password=PASSWORD, home=self.home))

    def write(self, file, text):
        self._machine.path(f"{self.home}/{file}").write_text(text)

    def run(self, *words, input=None):
        """(exit code, all that was said) of a program in this person's home and network."""
        done = self._machine.run(words, check=False, user=self._name, home=self.home, abroad=True, input=input)
        return done.returncode, done.stdout + done.stderr

    def swaks(self, to, *options, password=PASSWORD, sender=None, subject="Hello", mechanism="PLAIN"):
        return self.run("swaks", "--server", HOST, "--from", sender or self.user, "--to", to, "--auth", mechanism, "--auth-user", self.user,
                        "--auth-password", password, "--header", f"Subject: {subject}", *options)

    def mbsync(self):
        return self.run("mbsync", "-c", f"{self.home}/mbsyncrc", "both")

    def getmail(self):
        return self.run("getmail", "--getmaildir", self.home, "--rcfile", f"{self.home}/getmailrc")

    def neomutt_sends(self, to, subject):
        return self.run("neomutt", "-F", f"{self.home}/neomuttrc", "-s", subject, "--", to, input="Written in neomutt.\n")

    def neomutt_reads(self, subject):
        """What it shows of the letter with this subject, or on its screen where it does not come so far."""
        shown = f"{self.home}/shown"
        keys = f"<limit>~s {subject}<enter><pipe-message>cat >{shown}<enter><quit>"
        with terminal.Terminal(self._machine, kind="xterm", user=self._name, home=self.home, abroad=True) as screen:
            said = screen.run(f"rm -f {shown}; neomutt -F {self.home}/neomuttrc -e 'push \"{keys}\"' -f imaps://{HOST}/INBOX")
        path = self._machine.path(shown)
        return said.code, path.read_text() if path.exists() else said.text

    def sieve_connect(self, *options):
        return self.run("sieve-connect", "--server", HOST, "--port", "4190", "--user", self.user, "--nosrv", "--passwordfd", "0", "--tlscafile", CERTIFICATE,
                        *options, input=f"{PASSWORD}\n")

    def here(self, folder="INBOX"):
        """The files of a Maildir that mbsync or getmail keeps, by the subjects of their letters."""
        found = {}
        for path in self._machine.path(f"{self.home}/{folder}").glob("[cn][ue][rw]/*"):
            subject = next(line for line in path.read_text().splitlines() if line.startswith("Subject: "))
            found[subject.removeprefix("Subject: ")] = path
        return found


class Site:
    def __init__(self, host):
        self.host = host
        self.machine = host.machine
        self.doors = the_doors.Doors(host.machine)
        self.provost = host.provost


@pytest.fixture(scope="module")
def site():
    logs = the_mail_host.kept_logs("mail-programs")
    with the_mail_host.MailHost(f"mail-programs-{os.getpid()}", logs=logs, settings=SETTINGS, extra=the_mail_host.PROGRAMS) as host:
        host.start()
        host.provost("domain", "add", "example.test")
        yield Site(host)


@pytest.fixture(scope="module")
def alice(site):
    return Person(site, "alice")


@pytest.fixture(scope="module")
def bob(site):
    return Person(site, "bob")


@pytest.fixture
def subject():
    return f"letter-{uuid.uuid4().hex[:12]}"


STARTTLS, WITHIN_TLS = ("--port", "587", "--tls"), ("--port", "465", "--tlsc")


@pytest.mark.parametrize("door", [STARTTLS, WITHIN_TLS], ids=["starttls", "within_tls"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_swaks_submits(alice, bob, subject, door, mechanism):
    code, said = alice.swaks(bob.user, *door, mechanism=mechanism, subject=subject)
    assert code == 0 and f"~> AUTH {mechanism}" in said, said
    assert bob.mailbox.wait_for(subject)["From"] == alice.user


@pytest.mark.parametrize("door", [STARTTLS, WITHIN_TLS], ids=["starttls", "within_tls"])
def test_swaks_is_refused_with_a_wrong_password_and_as_somebody_else(alice, bob, door):
    code, said = alice.swaks(bob.user, *door, password="wrong-horse")
    assert (code, "535 5.7.8" in said) == (NOT_SIGNED_IN, True), said
    code, said = alice.swaks(bob.user, *door, sender=bob.user)
    assert code in (SENDER_REFUSED, RECIPIENT_REFUSED) and "553 5.7.1" in said, said


def test_swaks_is_not_asked_for_a_password_in_the_clear(alice, bob):
    code, said = alice.swaks(bob.user, "--port", "587")
    assert code == NOT_SIGNED_IN and "AUTH" not in said.partition("Host did not advertise")[0], said


def test_isync_keeps_a_mailbox_and_its_copy_the_same_both_ways(alice, bob, subject):
    assert bob.swaks(alice.user, *STARTTLS, subject=subject)[0] == 0
    alice.mailbox.wait_for(subject)
    code, said = alice.mbsync()
    assert code == 0, said
    assert subject in alice.here("Mail/INBOX")

    # Here a letter is written and another is read, there one is gone and a folder is new.
    alice.write("Mail/INBOX/new/written", f"From: {alice.user}\nSubject: draft of {subject}\n\nNot sent.\n")
    copy = alice.here("Mail/INBOX")[subject]
    copy.rename(copy.parent.parent / "cur" / f"{copy.name.partition(':')[0]}:2,S")
    session = alice.site.doors.imap(alice.user, PASSWORD)
    session.create("Plans")
    session.append("Plans", None, None, f"Subject: plan of {subject}\r\n\r\nSecret.\r\n".encode())
    code, said = alice.mbsync()
    assert code == 0, said
    assert f"draft of {subject}" in alice.mailbox.subjects()
    assert f"plan of {subject}" in alice.here("Mail/Plans")
    session.select("INBOX")
    _, found = session.search(None, "SEEN", "SUBJECT", subject)
    assert len(found[0].split()) == 1
    session.store(found[0].decode(), "+FLAGS", "\\Deleted")
    session.expunge()
    session.logout()
    code, said = alice.mbsync()
    assert code == 0, said
    assert subject not in alice.here("Mail/INBOX") and f"draft of {subject}" in alice.here("Mail/INBOX")


def test_getmail_fetches_and_removes(alice, bob, subject):
    assert alice.swaks(bob.user, *WITHIN_TLS, subject=subject)[0] == 0
    bob.mailbox.wait_for(subject)
    code, said = bob.getmail()
    assert code == 0, said
    assert subject in bob.here("fetched")
    assert bob.mailbox.subjects() == []


def test_neomutt_sends_and_reads(alice, bob, subject):
    code, said = alice.neomutt_sends(bob.user, subject)
    assert code == 0, said
    bob.mailbox.wait_for(subject)
    code, shown = bob.neomutt_reads(subject)
    assert code == 0 and f"From: {alice.user}" in shown and "Written in neomutt." in shown, shown


def test_a_script_that_sieve_connect_brings_files_letters(alice, bob, subject):
    code, said = bob.sieve_connect("--localsieve", f"{bob.home}/bills.sieve", "--remotesieve", "bills", "--upload")
    assert code == 0, said
    code, said = bob.sieve_connect("--remotesieve", "bills", "--activate")
    assert code == 0, said
    code, said = bob.sieve_connect("--list")
    assert code == 0 and "bills" in said and "ACTIVE" in said, said
    assert alice.swaks(bob.user, *WITHIN_TLS, subject=f"invoice {subject}")[0] == 0
    assert bob.mailbox.wait_for(f"invoice {subject}", folder="Bills")
    assert f"invoice {subject}" not in bob.mailbox.subjects()


def refusals(person, to, subject):
    """What each program says to a person with the right password: {program: (exit code, words)}."""
    programs = {
        "swaks": lambda: person.swaks(to, *STARTTLS, subject=subject),
        "swaks within TLS": lambda: person.swaks(to, *WITHIN_TLS, subject=subject),
        "mbsync": person.mbsync, "getmail": person.getmail,
        "neomutt sends": lambda: person.neomutt_sends(to, subject),
        "neomutt reads": lambda: person.neomutt_reads(subject),
        "sieve-connect": lambda: person.sieve_connect("--list"),
    }
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        running = {program: threads.submit(work) for program, work in programs.items()}
        return {program: done.result() for program, done in running.items()}


# A part of what each program shows its user; a program for the screen ends with 0 also where it opened nothing.
FOR_GOOD = {
    "swaks": "535 5.7.8", "swaks within TLS": "535 5.7.8", "mbsync": "[ALERT]", "getmail": "-ERR [AUTH]",
    "neomutt sends": "535 5.7.8", "neomutt reads": "NO [ALERT]", "sieve-connect": "refused by server"}
FOR_NOW = {
    "swaks": "454 4.7.0", "swaks within TLS": "454 4.7.0", "mbsync": "[UNAVAILABLE]", "getmail": "-ERR [SYS/TEMP]",
    "neomutt sends": "454 4.7.0", "neomutt reads": "NO [UNAVAILABLE]", "sieve-connect": "(TRYLATER)"}


def check_refusals(said, words, reason, others):
    for program, (code, text) in said.items():
        assert code != 0 or program == "neomutt reads", (program, text)
        assert words[program] in text and reason in text, (program, text)
        assert all(word not in text for word in others), (program, text)


def test_each_is_refused_for_good_when_its_account_is_disabled(alice, bob, subject):
    alice.mbsync()
    before = alice.here("Mail/INBOX")
    assert alice.site.host.provost_json("mailbox", "disable", alice.user)["proof"]["complete"] is True
    try:
        said = refusals(alice, bob.user, subject)
    finally:
        alice.site.provost("mailbox", "enable", alice.user)
    check_refusals(said, FOR_GOOD, "This account is disabled", FOR_NOW.values())
    assert alice.mbsync()[0] == 0
    assert alice.here("Mail/INBOX").keys() == before.keys()
    assert subject not in bob.mailbox.subjects()


def test_each_is_told_to_try_again_while_nobody_can_tell(site, alice, bob, subject):
    alice.mbsync()
    before = alice.here("Mail/INBOX")
    daemon = site.host.provostd_process()
    site.machine.run(["chmod", "000", STATE])
    try:
        site.host.signal_provostd("KILL")
        waiting.until(lambda: site.host.provostd_process() not in (None, daemon), "provostd is started again")
        said = refusals(alice, bob.user, subject)
    finally:
        site.machine.run(["chmod", "750", STATE])
    check_refusals(said, FOR_NOW, "emporary authentication failure", ("535 ", "[AUTHENTICATIONFAILED]", "[AUTH]", "This account"))
    waiting.until(lambda: site.provost("status", check=False).code == 0, "provostd is well again")
    assert alice.mbsync()[0] == 0
    assert alice.here("Mail/INBOX").keys() == before.keys()
    assert alice.swaks(bob.user, *STARTTLS, subject=subject)[0] == 0
    bob.mailbox.wait_for(subject)
