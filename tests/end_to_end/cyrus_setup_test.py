# SPDX-License-Identifier: Apache-2.0
"""A bare machine with Postfix and Cyrus becomes a mail host by our own commands, and what it was by --undo."""

import imaplib
import smtplib
import uuid

import pytest
from lab import cyrus_host, machine, mail_host, waiting
from lab import doors as the_doors

PASSWORD = "correct-horse-7-battery"
SET_UP = ["provost", "setup", "--yes", *cyrus_host.CyrusHost.set_up]
LOGS = mail_host.kept_logs("cyrus")
CHANGED = ["/etc/imapd.conf", "/etc/cyrus.conf", "/etc/postfix/main.cf", "/etc/postfix/master.cf", "/etc/provost/provost.toml",
           "/etc/provost/sockets", "/etc/group", "/etc/gshadow"]


def file_states(of):
    """Each file's bytes, owner and mode; of a list that the machine may not have whole."""
    told = of.run(["sh", "-c", "for each; do stat -c '%n %U:%G %a' $each; cat $each; done", "-", *CHANGED]).stdout
    extra = of.run(["sh", "-c", "ls /etc/tmpfiles.d /etc/postfix/sasl"], check=False).stdout
    return told + extra


def settings_of(of, path="/etc/imapd.conf"):
    lines = [line for line in of.path(path).read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def services_of(of):
    """The entries that hold in SERVICES of cyrus.conf."""
    text = of.path("/etc/cyrus.conf").read_text()
    lines = text[text.index("SERVICES"):].split("}")[0].splitlines()[1:]
    return {line.split()[0]: line for line in lines if line.strip() and not line.lstrip().startswith("#")}


@pytest.fixture(scope="module")
def fresh_machine():
    with cyrus_host.bare_machine("cyrus-setup") as made:
        made.run(["provost", "init"])
        yield made


@pytest.fixture
def undone(fresh_machine):
    yield
    fresh_machine.run(["provost", "setup", "--undo", "--yes"])


class Site:
    """A mail host of its own with example.test, alice, and bob whose mailbox somebody took out of Cyrus."""

    def __init__(self):
        self.host = cyrus_host.CyrusHost("cyrus-site", logs=LOGS, settings='[passwords]\nfailure_delay = "300ms"\n')
        self.host.start()
        self.machine = self.host.machine
        self.doors = the_doors.Doors(self.machine)
        self.host.provost("domain", "add", "example.test")
        for name in ("alice", "bob"):
            self.host.provost("mailbox", "add", f"{name}@example.test", "--password-stdin", input=f"{PASSWORD}\n")
        self.take_mailbox("bob@example.test")

    def take_mailbox(self, user):
        """By hand, as Cyrus's administrator."""
        session = self.doors.imap("cyrus", self.host.admin_password())
        for words in (("SETACL", f"user/{user}", "cyrus", "lcx"), ("DELETE", f"user/{user}")):
            assert session.xatom(*words)[0] == "OK"
        session.logout()

    def send(self, address):
        """Returns what Postfix's log says of its hand-over to Cyrus, once it does. The log has earlier runs' letters too."""
        before = len(self.host.log("mail.log"))
        with self.machine.world():
            session = smtplib.SMTP(machine.ADDRESS, 25, local_hostname="mx.elsewhere.test", timeout=30)
        with session:
            # Cyrus takes two letters of one name for one.
            name = f"Message-ID: <{uuid.uuid4()}@elsewhere.test>"
            session.sendmail("ann@elsewhere.test", [address], f"{name}\r\nSubject: To Cyrus\r\n\r\nHello.\r\n")

        def lines():
            return [line for line in self.host.log("mail.log")[before:].splitlines() if f"to=<{address}>" in line and "relay=" in line]

        waiting.until(lines, f"a letter to {address} was handed over", 30)
        return lines()[-1]

    def rcpt(self, address):
        with self.machine.world():
            session = smtplib.SMTP(machine.ADDRESS, 25, local_hostname="mx.elsewhere.test", timeout=30)
        with session:
            session.ehlo()
            session.mail("ann@elsewhere.test")
            return session.rcpt(address)


@pytest.fixture(scope="module")
def site():
    made = None
    try:
        made = Site()
        yield made
    finally:
        if made is not None:
            made.host.stop()


def test_one_command_changes_debians_servers_once_and_then_nothing(fresh_machine, undone):
    first = fresh_machine.run(SET_UP)
    for path in ("/etc/provost/provost.toml", "/etc/imapd.conf", "/etc/cyrus.conf", "/etc/postfix/main.cf"):
        assert f"wrote {path}" in first.stdout
    assert fresh_machine.run(SET_UP).stdout == "nothing to change\n"
    # The settings say it from now on.
    assert fresh_machine.run(["provost", "setup", "--yes"]).stdout == "nothing to change\n"


def test_undo_brings_back_every_file(fresh_machine):
    before = file_states(fresh_machine)
    fresh_machine.run(SET_UP)
    assert file_states(fresh_machine) != before
    fresh_machine.run(["provost", "setup", "--undo", "--yes"])
    assert file_states(fresh_machine) == before


def test_nothing_is_changed_by_a_look(fresh_machine):
    before = file_states(fresh_machine)
    shown = fresh_machine.run([*SET_UP[:2], "--dry-run", *SET_UP[3:]]).stdout
    assert '+target = "cyrus"' in shown and "the user cyrus in the group ssl-cert" in shown
    assert file_states(fresh_machine) == before


def test_what_debian_ships_becomes_a_host_of_many_domains(fresh_machine, undone):
    fresh_machine.run(SET_UP)
    settings = settings_of(fresh_machine)
    wanted = {"virtdomains": "userid", "defaultdomain": "internal", "unixhierarchysep": "yes", "altnamespace": "yes", "admins": "cyrus",
              "allowusermoves": "yes", "delete_mode": "delayed", "autocreate_quota": "-1", "sasl_pwcheck_method": "saslauthd",
              "sasl_saslauthd_path": "/run/provost/saslauthd/mux", "sasl_mech_list": "PLAIN", "allowplaintext": "no",
              "tls_versions": "tls1_2 tls1_3", "lmtp_downcase_rcpt": "yes"}
    assert {name: settings.get(name) for name in wanted} == wanted
    assert "# library traces" in fresh_machine.path("/etc/imapd.conf").read_text()


def test_servers_that_are_not_installed_do_not_keep_cyrus_from_starting(fresh_machine, undone):
    assert {"nntp", "http"} <= set(services_of(fresh_machine))
    fresh_machine.run(SET_UP)
    services = services_of(fresh_machine)
    assert {"imap", "imaps", "pop3", "pop3s", "sieve", "lmtpunix", "provostlmtp"} <= set(services)
    assert not {"nntp", "http"} & set(services)


def test_a_site_that_kept_mail_keeps_its_names_of_folders(fresh_machine, undone):
    header = "/var/spool/cyrus/mail/a/user/alice/cyrus.header"
    fresh_machine.run(["install", "-D", "/dev/null", header])
    try:
        fresh_machine.run(SET_UP)
        settings = settings_of(fresh_machine)
        assert (settings["unixhierarchysep"], settings["altnamespace"]) == ("no", "no")
        assert "defaultdomain" not in settings
    finally:
        fresh_machine.run(["rm", "-r", "/var/spool/cyrus/mail/a/user"])


def test_a_key_that_cyrus_cannot_read_is_refused_by_name(fresh_machine):
    fresh_machine.run(["sh", "-c", "umask 077; cp /etc/ssl/private/ssl-cert-snakeoil.key /root/mx.key; cp /etc/ssl/certs/ssl-cert-snakeoil.pem /root/mx.pem"])
    refused = fresh_machine.run([*SET_UP, "--certificate", "/root/mx.pem", "--key", "/root/mx.key"], check=False)
    assert refused.returncode == 4 and "/root/mx.key cannot be read by the user cyrus" in refused.stderr


def test_everything_leads_to_the_directory_afterwards(site):
    told = site.host.provost("doctor", "--no-delivery", check=False)
    assert told.code == 0, told.out
    assert "yellow" not in told.out


def test_people_sign_in_at_every_door_by_the_directory(site):
    for user, password, lets_in in (("alice@example.test", PASSWORD, True), ("ALICE@Example.Test", PASSWORD, True),
                                    ("alice@example.test", "wrong", False), ("nobody@example.test", PASSWORD, False)):
        assert signs_in(site, user, password) == lets_in, user


def signs_in(site, user, password):
    """At IMAP, within TLS from the start and after STARTTLS alike."""
    answers = set()
    for port in (143, 993):
        try:
            site.doors.imap(user, password, port=port).logout()
            answers.add(True)
        except imaplib.IMAP4.error:
            answers.add(False)
    assert len(answers) == 1
    return answers.pop()


def test_nobody_signs_in_without_tls(site):
    with site.machine.network():
        session = imaplib.IMAP4("127.0.0.1", 143, timeout=30)
    assert "LOGINDISABLED" in session.capabilities and "STARTTLS" in session.capabilities
    session.logout()


def test_no_mailbox_is_made_by_signing_in(site):
    session = site.doors.imap("bob@example.test", PASSWORD)
    assert session.list()[1] == [None]
    session.logout()
    assert "was successfully created" not in site.host.log("cyrus.log")


def test_an_unknown_user_is_refused_at_rcpt(site):
    code, words = site.rcpt("nobody@example.test")
    assert code == 550 and b"5.1.1" in words
    assert site.rcpt("alice@example.test")[0] == 250


def test_a_letter_comes_from_postfix_in_its_chroot_to_cyrus(site):
    owners = site.machine.run(["stat", "-c", "%U:%G %a", "/var/spool/postfix/provost-lmtp"]).stdout.strip()
    assert owners == "cyrus:postfix 750"
    for address in ("Alice@Example.Test", "alice+lists@example.test"):
        line = site.send(address)
        assert "provost-lmtp/lmtp" in line and "status=sent" in line
    session = site.doors.imap("alice@example.test", PASSWORD)
    assert session.select("INBOX") == ("OK", [b"2"])
    session.logout()
    inbox = site.doors.pop3("alice@example.test", PASSWORD)
    assert inbox.stat()[0] == 2
    inbox.quit()


def test_where_cyrus_has_no_mailbox_it_is_cyrus_that_says_so(site):
    line = site.send("bob@example.test")
    assert "said: 550" in line and "ailbox" in line


def test_scripts_are_kept_over_managesieve(site):
    with pytest.raises(the_doors.SieveRefused):
        site.doors.sieve("alice@example.test", "wrong")
    sieve = site.doors.sieve("alice@example.test", PASSWORD)
    sieve.put("main", "keep;\r\n")
    sieve.activate("main")
    assert sieve.list() == ['"main" ACTIVE']
    sieve.close()


def test_people_send_by_the_directory(site):
    session = site.doors.submission("alice@example.test", PASSWORD)
    session.quit()
    with pytest.raises(smtplib.SMTPAuthenticationError):
        site.doors.submission("alice@example.test", "wrong")


def test_postfix_signs_in_by_cyrus_sasl_where_that_is_asked_for(site):
    done = site.host.provost("setup", "--yes", "--smtp-sasl", "cyrus")
    try:
        assert "wrote /etc/postfix/sasl/smtpd.conf" in done.out
        assert settings_of(site.machine, "/etc/postfix/sasl/smtpd.conf") == {
            "pwcheck_method": "saslauthd", "saslauthd_path": "/provost/saslauthd/mux", "mech_list": "PLAIN LOGIN"}
        site.machine.run(["postfix", "reload"])
        site.doors.submission("alice@example.test", PASSWORD).quit()
        with pytest.raises(smtplib.SMTPAuthenticationError):
            site.doors.submission("alice@example.test", "wrong")
        assert site.host.provost("setup", "--yes").out == "nothing to change\n"  # it stays so
    finally:
        site.host.provost("setup", "--yes", "--smtp-sasl", "dovecot")


def test_a_cyrus_on_another_host_gets_its_letters_there(fresh_machine, undone):
    file = "/etc/provost/provost.toml"
    kept = fresh_machine.path(file).read_text()
    text = kept.replace('# target = "dovecot"', 'target = "cyrus"').replace('# imapd_conf = "/etc/imapd.conf"', 'imapd_conf = ""')
    text = text.replace('# server = "127.0.0.1:143"', 'server = "imap.example.test:143"')
    fresh_machine.run(["sh", "-c", f"cat >{file}"], input=text)
    try:
        done = fresh_machine.run(["provost", "setup", "--yes", "--host-name", "mx.example.test"])
        assert "wrote /etc/imapd.conf" not in done.stdout and "lmtpd -a" in done.stdout
        assert "virtual_transport = lmtp:inet:imap.example.test:24" in fresh_machine.path("/etc/postfix/main.cf").read_text()
    finally:
        fresh_machine.run(["provost", "setup", "--undo", "--yes"])
        fresh_machine.run(["sh", "-c", f"cat >{file}"], input=kept)
