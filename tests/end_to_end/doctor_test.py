# SPDX-License-Identifier: Apache-2.0
"""`provost doctor` on a host that is well, and on one that was damaged by hand: each damage is found and named."""

import contextlib

import pytest
from lab import words

POSTFIX = "/etc/postfix"
DOVECOT = "/etc/dovecot"
SPELLED = words.here()
SETUP = "run `provost setup`"
INIT = "run `provost init`"
PAIR = "provost setup --certificate FILE --key FILE"


@contextlib.contextmanager
def kept(machine, *folders):
    """The folders are as before in the end."""
    for folder in folders:
        machine.run(["sh", "-c", f"rm -rf /root/kept{folder} && mkdir -p /root/kept{folder} && cp -a {folder}/. /root/kept{folder}/"])
    try:
        yield
    finally:
        for folder in folders:
            machine.run(["sh", "-c", f"find {folder} -mindepth 1 -delete; cp -a /root/kept{folder}/. {folder}/"])


@pytest.fixture
def doctor(provost):
    """doctor() -> its code, and what is not green as {check: [(health, what, cure), ...]}."""
    def run(*options):
        ran = provost("doctor", *(options or ["--no-delivery"]), "-o", "json")
        amiss = {}
        for found in ran.json["findings"]:
            if found["health"] not in ("green", "skipped"):
                amiss.setdefault(found["check"], []).append((found["health"], found["what"], found["cure"]))
        return ran.code, amiss

    return run


def test_everything_is_green_on_a_host_that_was_set_up(doctor):
    assert doctor() == (0, {})


def test_a_letter_goes_round_and_its_mailbox_is_gone_again(provost, doctor):
    ran = provost("doctor", "--domain", "example.test")
    assert ran.code == 0, ran.out
    for step in ("probe mailbox", "submission", "delivery", "probe disabled", "refused at imap", "refused at submission", "probe deleted", "probe purged"):
        assert f"green   {step} " in ran.out, ran.out
    assert provost("mailbox", "list", "provost-doctor-*", "-o", "json").json["items"] == []
    assert provost("mailbox", "list", "provost-doctor-*", "--deleted", "-o", "json").json["items"] == []


def test_only_root_may_ask(machine):
    refused = machine.run(["provost", "doctor"], check=False, user="www-data")
    assert (refused.returncode, refused.stdout) == (77, "")


def postconf(*words):
    return ["postconf", *words]


def after_ours(text):
    """Dovecot reads this after our settings."""
    return ["sh", "-c", f"printf '%s\\n' '{text}' >> /etc/dovecot/provost.conf"]


def make_pair(lasting, then="true"):
    """A new pair for Postfix; lasting: options of openssl's x509."""
    return ["sh", "-ec", f"""cd /etc/postfix
        openssl req -new -newkey rsa:2048 -nodes -keyout new.key -out new.csr -subj /CN=mx.example.test 2>/dev/null
        openssl x509 -req -in new.csr -signkey new.key {lasting} -out new.pem 2>/dev/null
        postconf -e 'smtpd_tls_chain_files = /etc/postfix/new.key, /etc/postfix/new.pem'
        {then}"""]


# What is done to the files; the check that goes red or yellow, a word of what it says, a word of its cure.
DAMAGES = {
    "mailboxes from a file": (postconf("-e", "virtual_mailbox_maps = hash:/etc/postfix/vmailbox"), "postfix maps", "virtual_mailbox_maps", SETUP),
    "domains said by hand": (postconf("-e", "virtual_mailbox_domains = example.test"), "postfix maps", "virtual_mailbox_domains", SETUP),
    "aliases from a file as well": (postconf("-e", "virtual_alias_maps = ${provost}:aliases, hash:/etc/postfix/virtual"), "postfix maps", "virtual_alias_maps", SETUP),
    "no transport map": (postconf("-X", "transport_maps"), "postfix maps", "transport_maps is not set", SETUP),
    "another sender map": (postconf("-e", "smtpd_sender_login_maps ="), "postfix maps", "smtpd_sender_login_maps is empty", SETUP),
    "another socket": (postconf("-e", "provost = socketmap:unix:private/other"), "postfix maps", "private/other", SETUP),
    "sign-ins of another kind": (postconf("-e", "smtpd_sasl_type = cyrus"), "postfix sign-ins", "smtpd_sasl_type", SETUP),
    "sign-ins at another socket": (postconf("-e", "smtpd_sasl_path = private/auth"), "postfix sign-ins", "smtpd_sasl_path", SETUP),
    "submission signs in elsewhere": (postconf("-P", "submission/inet/smtpd_sasl_path=private/auth"), "postfix submission", "smtpd_sasl_path", SETUP),
    "nobody signs in at submission": (postconf("-P", "submission/inet/smtpd_sasl_auth_enable=no"), "postfix submission", "smtpd_sasl_auth_enable", SETUP),
    "any sender at submissions": (postconf("-P", "submissions/inet/smtpd_sender_restrictions="), "postfix submissions", "smtpd_sender_restrictions", SETUP),
    "no submissions": (postconf("-MX", "submissions/inet"), "postfix submissions", "no smtpd at submissions/inet", SETUP),
    "sign-ins at port 25": (postconf("-e", "smtpd_sasl_auth_enable = yes"), "postfix port 25", "smtpd_sasl_auth_enable", SETUP),
    "sign-ins at port 25 by master.cf": (postconf("-P", "smtp/inet/smtpd_sasl_auth_enable=yes"), "postfix port 25", "smtp/inet/smtpd_sasl_auth_enable", SETUP),
    "everybody's network": (postconf("-e", "mynetworks = 0.0.0.0/0"), "postfix relaying", "mynetworks", SETUP),
    "everybody's relay": (postconf("-e", "smtpd_relay_restrictions = permit"), "postfix relaying", "smtpd_relay_restrictions", SETUP),
    "relaying by master.cf": (postconf("-P", "smtp/inet/smtpd_relay_restrictions=permit"), "postfix port 25", "smtpd_relay_restrictions", SETUP),
    "no word why a mailbox is off": (postconf("-e", "smtpd_recipient_restrictions = permit"), "postfix access", "smtpd_recipient_restrictions", SETUP),
    "a question for room at another socket": (postconf("-e", "provost_policy = check_policy_service unix:private/other"), "postfix policy", "private/other", SETUP),
    "no question for room": (postconf("-e", "provost_submission_recipients = permit"), "postfix sign-ins", "$provost_policy", SETUP),
    "a mail domain for local users": (postconf("-e", "mydestination = example.test, localhost"), "postfix names", "mydestination", SETUP),
    "delivery by another way": (postconf("-e", "virtual_transport = virtual"), "postfix delivery", "virtual_transport", SETUP),
    "no aliases in cleanup": (postconf("-P", "cleanup/unix/virtual_alias_maps="), "postfix overrides", "cleanup/unix/virtual_alias_maps", SETUP),
    "a key that does not match": (make_pair("-days 300", "openssl genrsa -out new.key 2048 2>/dev/null"), "certificate of Postfix", "is not the key of", PAIR),
    "a certificate for ten more days": (make_pair("-days 10"), "certificate of Postfix", "days left", "renew it"),
    "a certificate that has expired": (make_pair(SPELLED.until_yesterday), "certificate of Postfix", "has expired", PAIR),
    "a certificate that is gone": (postconf("-e", "smtpd_tls_chain_files = /etc/postfix/gone.key, /etc/postfix/gone.pem"), "certificate of Postfix", "gone.pem", PAIR),
    "Dovecot without our file": (["sh", "-c", "sed -i /provost.conf/d /etc/dovecot/local.conf /etc/dovecot/dovecot.conf"], "dovecot sign-ins", "imap-login", SETUP),
    "Dovecot's own sign-ins": (after_ours("service auth {\n unix_listener login/login {\n mode = 0666\n }\n}"), "dovecot auth", "login/login", SETUP),
    "sign-ins of Dovecot elsewhere": (after_ours("service imap-login {\n executable = imap-login\n}"), "dovecot sign-ins", "imap-login", SETUP),
    "mail in the clear": (after_ours("ssl = no"), "dovecot TLS", "ssl is", SETUP),
    "another quota": (after_ours(SPELLED.other_quota[0]), "dovecot quota", SPELLED.other_quota[1], SETUP),
    "no quota": (after_ours(SPELLED.no_quota[0]), "dovecot plugins", SPELLED.no_quota[1], SETUP),
    "LMTP for everybody": (after_ours("service lmtp {\n unix_listener /var/spool/postfix/private/dovecot-lmtp {\n mode = 0666\n }\n}"), "dovecot lmtp", "dovecot-lmtp/mode", SETUP),
    "mail in another place": (after_ours(SPELLED.mail_elsewhere[0]), "dovecot storage", SPELLED.mail_elsewhere[1], SETUP),
    "a file that Dovecot cannot read": (after_ours("nonsense {"), "dovecot files", "nonsense", "doveconf"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_configuration_is_found_and_named(machine, doctor, name):
    damage, check, word, cure = DAMAGES[name]
    with kept(machine, POSTFIX, DOVECOT):
        machine.run(damage)
        code, amiss = doctor()
    assert check in amiss, amiss
    _, what, said = amiss[check][0]
    assert word in what and cure in said
    is_red = any(each[0] == "red" for found in amiss.values() for each in found)
    assert code == (1 if is_red else 0)
    assert doctor() == (0, {})


# The same for what is not in those files, with what brings it back.
PLACES = {
    "a map for everybody": ("chmod 0666 /var/spool/postfix/provost/map", "chmod 0660 /var/spool/postfix/provost/map", "socket map", "0666", "sockets"),
    "somebody else's socket": ("chown root /run/dovecot/login/provost/auth", "chown provost /run/dovecot/login/provost/auth", "socket dovecot-auth", "is 0:", "sockets"),
    "no socket": ("mv /run/provost/dovecot-dict /run/provost/kept", "mv /run/provost/kept /run/provost/dovecot-dict", "socket dovecot-dict", "is not there", "sockets"),
    "no link": ("mv /run/dovecot/auth-master /run/dovecot/kept", "mv /run/dovecot/kept /run/dovecot/auth-master", "link", "auth-master", SETUP),
    "a link elsewhere": ("ln -sfn /nowhere /run/dovecot/auth-userdb", "ln -sfn /run/provost/dovecot-userdb /run/dovecot/auth-userdb", "link", "auth-userdb", SETUP),
    "open state": ("chmod 0777 /var/lib/provost", "chmod 0750 /var/lib/provost", "rights", "/var/lib/provost", INIT),
    "open settings": ("chmod 0644 /etc/provost/provost.toml", "chmod 0640 /etc/provost/provost.toml", "rights", "provost.toml", INIT),
    "mail of another user": ("chown root /var/vmail", "chown vmail /var/vmail", "rights", "/var/vmail", INIT),
    "another key for doveadm": ("cp -a /etc/provost/doveadm.key /root/doveadm.key && echo other > /etc/provost/doveadm.key",
                                "cat /root/doveadm.key > /etc/provost/doveadm.key", "doveadm", "sessions cannot be ended", SETUP),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_damaged_place_is_found_and_named(machine, doctor, name):
    damage, mend, check, word, cure = PLACES[name]
    machine.run(["sh", "-c", damage])
    try:
        code, amiss = doctor()
    finally:
        machine.run(["sh", "-c", mend])
    assert code == 1
    assert check in amiss, amiss
    health, what, said = amiss[check][0]
    assert (health, word in what, cure in said) == ("red", True, True), amiss
    assert doctor() == (0, {})


def test_servers_that_do_not_run_are_found(mail_host, machine, doctor):
    machine.run(["postfix", "stop"])
    try:
        code, amiss = doctor()
    finally:
        machine.run(["postfix", "start"])
    assert code == 1
    for check in ("service postfix", "door smtp", "door submission", "door submissions"):
        assert amiss[check][0][0] == "red", amiss
    assert "door imap" not in amiss
