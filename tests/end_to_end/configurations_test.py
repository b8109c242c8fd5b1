# SPDX-License-Identifier: Apache-2.0
"""`provost setup` over configurations that people have, in configurations/: it keeps what is theirs, and goes as it came.

What a kind has in common/ and in the folder of the release is laid over a copy of Debian's /etc. One machine for all of
them, and no server runs in it.
"""

import itertools
import pathlib

import pytest
from lab import etc, mail_host, programs, words

CONFIGURATIONS = pathlib.Path(__file__).resolve().parent / "configurations"
INSIDE = "/opt/configurations"

# What is a site's own, and what each program must still say of it afterwards; what Dovecot must is in lab.words.
STAYS = {
    "debian": [("postconf -h alias_maps", "hash:/etc/aliases")],
    "hash_maps": [
        ("postconf -h relayhost", "[smtp.provider.test]:587"), ("postconf -h smtp_tls_security_level", "encrypt"),
        ("postconf -h mynetworks", "127.0.0.0/8, 192.168.7.0/24"), ("postconf -h message_size_limit", "26214400"),
        ("postconf -h smtpd_recipient_restrictions", "reject_rbl_client rbl.example.net check_policy_service inet:127.0.0.1:10023"),
        ("postconf -h smtpd_helo_restrictions", "permit_mynetworks, reject_invalid_helo_hostname")],
    "postfixadmin": [("postconf -h smtpd_milters", "inet:127.0.0.1:8891"), ("postconf -h myhostname", "mail.example.test"),
                     ("postconf -h compatibility_level", "2")],
    "continued": [("postconf -h smtpd_recipient_restrictions", "timeout=5s, default_action=DUNNO } permit"),
                  ("postconf -h header_checks", "lottery"), ("postconf -h mynetworks", "[::1]/128")],
    "crlf": [("postconf -h relayhost", "[smtp.provider.test]"), ("postconf -h smtpd_banner", "$myhostname ESMTP")],
    "no_last_line_end": [("postconf -h mynetworks", "127.0.0.0/8")],
    "submission": [
        ("postconf -P smtps/inet/milter_macro_daemon_name", "ORIGINATING"),
        ("postconf -P smtp/inet/content_filter", "smtp-amavis:[127.0.0.1]:10024"),
        ("postconf -P 127.0.0.1:10025/inet/smtpd_recipient_restrictions", "permit_mynetworks,reject"),
        ("postconf -F submission/inet/process_limit", "40")],
    "postscreen": [("postconf -F smtp/inet/command", "postscreen")],
    "dovecot_edited": [],
    "dovecot_by_hand": [],
}

# What an administrator is told before it is done: of each sentence, in their order, a part. Those on Dovecot follow.
TOLD = {
    "hash_maps": [
        "mail to shop.example.test goes to the users of this host now", "virtual_mailbox_domains = /etc/postfix/vhosts is no longer asked",
        "virtual_mailbox_maps = hash:/etc/postfix/vmailbox is no longer asked", "virtual_alias_maps = hash:/etc/postfix/virtual",
        "transport_maps = hash:/etc/postfix/transport", "smtpd_sasl_path = private/auth", "smtpd_sasl_auth_enable = yes becomes no",
        "check_client_access hash:/etc/postfix/partners"],
    "postfixadmin": [
        "recipient_delimiter = - becomes +", "mysql_virtual_domains_maps.cf", "mysql_virtual_mailbox_maps.cf is no longer asked", "mysql_virtual_alias_domain_catchall_maps.cf",
        "mysql_relay_domains_maps.cf", "mysql_sender_login_maps.cf", "smtpd_sasl_path = private/auth"],
    "continued": ["virtual_alias_maps = hash:/etc/postfix/one, hash:/etc/postfix/two is no longer asked"],
    "crlf": ["smtpd_sasl_path = private/auth"],
    "submission": ["587 inet n - y - - smtpd makes room", "submission/inet/smtpd_tls_security_level = may becomes encrypt",
                   "submission/inet/smtpd_sasl_type = cyrus is taken out",
                   "submission/inet/smtpd_tls_auth_only = no is taken out", "smtp/inet/smtpd_sasl_auth_enable = yes is taken out"],
    "postscreen": ["smtpd/pass/smtpd_sasl_auth_enable = yes is taken out", "smtpd/pass/smtpd_relay_restrictions = permit is taken out"],
}
SPELLED = words.here()


class Host:
    def __init__(self, machine):
        self.machine = machine

    def has(self, kind):
        """Gives the machine Debian's /etc with the files of this kind over it."""
        self.shell("find /etc -mindepth 1 -delete; cp -a /root/etc/. /etc/; rm -rf /var/lib/provost/setup")
        for folder in ("common", programs.release()):
            if (CONFIGURATIONS / folder / kind).is_dir():
                self.shell(f"cp -r --preserve=mode {INSIDE}/{folder}/{kind}/. /etc/ && chown -R root:root /etc/postfix /etc/dovecot")

    def shell(self, text, check=True):
        return self.machine.run(["sh", "-c", text], check=check)

    def etc(self):
        return etc.look(self.machine)

    def setup(self, *options, check=True):
        return self.machine.run(["provost", "setup", *options], check=check)

    def complaints(self):
        """What Postfix has against its files; 3.10 always does where they do not say for which version they were written."""
        return set(self.machine.run(["postfix", "check"]).stderr.splitlines())

    def say(self, commands):
        """What each of the commands prints."""
        commands = list(commands)
        # Into a pipe: Dovecot 2.4's doveconf cannot write one value to a file in which there is something already.
        said = self.shell("; echo %%; ".join(f"{command} | cat" for command in commands)).stdout.split("%%\n")
        return dict(zip(commands, said, strict=True))


@pytest.fixture(scope="module")
def host():
    with mail_host.bare_machine("configurations", [(CONFIGURATIONS, INSIDE, True)]) as made:
        made.run(["provost", "init"])
        made.run(["cp", "-a", "/etc", "/root/etc"])
        yield Host(made)


@pytest.mark.parametrize("kind", STAYS)
def test_a_configuration_is_set_up_once_and_goes_as_it_came(host, kind):
    host.has(kind)
    before, complaints = host.etc(), host.complaints()
    shown = host.setup("--dry-run").stdout
    assert host.etc() == before
    notes = shown.partition("What will be different for those whom this host serves already:\n")[2].partition("\n---")[0].splitlines()
    for note, part in itertools.zip_longest(notes, TOLD.get(kind, []) + SPELLED.told_of_dovecot.get(kind, []), fillvalue=""):
        assert part and part in note
    assert "not-a-real-one" not in shown

    host.setup("--yes")
    assert host.complaints() <= complaints
    assert "error" not in host.machine.run(["doveconf", "-n"]).stderr.lower()
    serves_as_it_should(host.say(SERVES))
    stays = STAYS[kind] + [(f"doveconf {asked}", value) for asked, value in SPELLED.stays_in_dovecot.get(kind, [])]
    said = host.say(command for command, _ in stays)
    for command, value in stays:
        assert value in said[command], command
    assert host.setup().stdout == "nothing to change\n"

    host.setup("--undo")
    assert host.etc() == before
    assert host.setup("--undo").stdout == "nothing to change\n"


SERVES = [f"postconf -h {name}" for name in ("virtual_mailbox_maps", "smtpd_relay_restrictions", "smtpd_recipient_restrictions")]
SERVES += ["postconf -P"] + [f"doveconf -h {name}" for name in (
    "service/imap-login/executable", "ssl", SPELLED.no_cleartext[0], "protocols")]


def serves_as_it_should(said):
    """The values by which a host is no open relay, takes passwords only under TLS, and asks us."""
    assert said["postconf -h virtual_mailbox_maps"] == "${provost}:mailboxes\n"
    assert said["postconf -h smtpd_relay_restrictions"] == "permit_mynetworks, reject_unauth_destination\n"
    assert said["postconf -h smtpd_recipient_restrictions"].startswith("$provost_recipients")
    overrides = said["postconf -P"].splitlines()
    for line in overrides:
        service, parameter = line.split(" = ")[0].rsplit("/", 1)
        if service in ("smtp/inet", "smtpd/pass"):
            assert parameter not in ("smtpd_sasl_auth_enable", "smtpd_relay_restrictions", "smtpd_recipient_restrictions")
    signing_in = sorted(line.split("/")[0] for line in overrides if line.endswith("/smtpd_sasl_auth_enable = yes"))
    assert signing_in in (["submission", "submissions"], ["smtps", "submission"])
    assert sum(line.endswith("/inet/smtpd_relay_restrictions = permit_sasl_authenticated,reject") for line in overrides) == 2
    assert said["doveconf -h service/imap-login/executable"] == "imap-login provost/auth\n"
    assert said["doveconf -h ssl"] == "required\n"
    assert said[f"doveconf -h {SPELLED.no_cleartext[0]}"] == f"{SPELLED.no_cleartext[1]}\n"
    assert "lmtp" in said["doveconf -h protocols"]


def test_a_host_that_an_earlier_version_set_up_gets_what_is_new(host):
    host.has("hash_maps")
    before = host.etc()
    host.setup("--yes")
    now = host.etc()
    # As it was before Postfix asked whether there is room.
    host.shell("sed -i '/^provost_policy = /d; s/, $provost_policy$//' /etc/postfix/main.cf")
    assert "provost_policy" not in host.machine.path("/etc/postfix/main.cf").read_text()
    assert "\n+provost_policy = check_policy_service { unix:provost/policy, " in host.setup("--yes").stdout
    lists = host.say(f"postconf -h {name}" for name in ("provost_recipients", "provost_submission_recipients"))
    assert all(value.endswith(", $provost_policy\n") for value in lists.values()), lists
    assert host.setup().stdout == "nothing to change\n"
    assert host.etc().keys() == now.keys()
    host.setup("--undo", "--yes")  # it was changed by hand, to be what it was
    assert host.etc() == before


def test_a_link_stays_a_link_and_owners_and_modes_stay(host):
    host.has("debian")
    host.shell("mkdir /etc/site && mv /etc/postfix/main.cf /etc/site/ && ln -s ../site/main.cf /etc/postfix/main.cf &&"
               "chown root:postfix /etc/site/main.cf /etc/postfix/master.cf && chmod 0640 /etc/site/main.cf /etc/postfix/master.cf")
    before = host.etc()
    host.setup("--yes")
    assert host.shell("readlink /etc/postfix/main.cf; stat -c '%U:%G %a' /etc/site/main.cf /etc/postfix/master.cf").stdout == \
        "../site/main.cf\nroot:postfix 640\nroot:postfix 640\n"
    host.setup("--undo")
    assert host.etc() == before


def test_where_nothing_can_be_written_nothing_is(host):
    host.has("debian")
    before = host.etc()
    # A mount of its own, for this command alone.
    refused = host.shell("unshare --mount sh -c 'mount --bind /etc /etc && mount -o remount,ro,bind /etc && provost setup --yes'", check=False)
    assert refused.returncode == 75
    assert "Read-only file system" in refused.stderr and "Everything was put back" in refused.stderr
    assert host.etc() == before
    host.setup("--yes")
    assert "nothing to change" in host.setup().stdout
    host.setup("--undo")


@pytest.mark.parametrize("program, named", [("dovecot", "'dovecot' is not installed"), ("postconf", "'postconf' is not installed")])
def test_without_a_server_it_is_named_and_nothing_changes(host, program, named):
    host.has("debian")
    before = host.etc()
    refused = host.shell(f"unshare --mount sh -c 'mkdir -p /tmp/sbin && cp -a /usr/sbin/. /tmp/sbin && rm /tmp/sbin/{program} &&"
                         f"mount --bind /tmp/sbin /usr/sbin && provost setup --yes'; code=$?; rm -rf /tmp/sbin; exit $code", check=False)
    assert (refused.returncode, named in refused.stderr) == (3, True), refused.stderr
    assert host.etc() == before


@pytest.mark.parametrize("broken, words", [
    ("echo 'service {' >>/etc/dovecot/conf.d/99-broken.conf", "Dovecot cannot read its configuration as it is"),
    ("sed -i '1i namespace {\\n inbox = yes\\n}' /etc/dovecot/conf.d/10-mail.conf && sed -i 's/^namespace inbox {/namespace {/'"
     " /etc/dovecot/conf.d/*.conf", SPELLED.namespace_without_name),
    ("rm /etc/postfix/master.cf", "Postfix has no /etc/postfix/master.cf"),
    ("postconf -e myhostname=mx", "--host-name: 'mx' is not a host's full name"),
])
def test_what_is_broken_already_is_said_and_left(host, broken, words):
    host.has("debian")
    host.shell(broken)
    before = host.etc()
    refused = host.setup("--yes", check=False)
    assert refused.returncode in (2, 4)
    assert words in refused.stderr
    assert host.etc() == before


def test_what_overrides_ours_is_found_and_all_is_put_back(host):
    host.has("debian")
    host.shell("echo 'ssl = no' >>/etc/dovecot/dovecot.conf")  # after the line that reads local.conf
    before = host.etc()
    refused = host.setup("--yes", check=False)
    assert refused.returncode == 4
    assert "ssl is 'no' and not 'required'" in refused.stderr and "Everything was put back" in refused.stderr
    assert host.etc() == before


def test_what_was_changed_by_hand_goes_only_when_that_is_said(host):
    host.has("debian")
    before = host.etc()
    host.setup("--yes")
    host.shell("echo '# mine' >>/etc/postfix/main.cf")
    refused = host.setup("--undo", check=False)
    assert refused.returncode == 2
    assert "Changed by hand since:\n  /etc/postfix/main.cf" in refused.stdout
    undone = host.setup("--undo", "--yes").stdout
    assert host.etc() == before
    aside = undone.partition("was changed by hand, to ")[2].split()[0]
    assert host.machine.path(aside).read_text().endswith("# mine\n")
    assert host.machine.path(aside).stat().st_mode & 0o777 == 0o600


def test_killed_in_the_middle_it_is_rolled_back_by_the_next_one(host):
    host.has("debian")
    before = host.etc()
    # It is killed by the program that it asks whether what it wrote is right.
    host.shell("cp -a /usr/sbin/postfix /root/postfix && printf '#!/bin/sh\\nkill -9 $PPID\\n' >/usr/sbin/postfix")
    try:
        assert host.setup("--yes", check=False).returncode == -9
    finally:
        host.shell("cat /root/postfix >/usr/sbin/postfix")
    assert "${provost}" in host.machine.path("/etc/postfix/main.cf").read_text()
    looked = host.setup("--dry-run").stdout
    assert "An earlier run was interrupted" in looked and "-virtual_mailbox_maps = ${provost}:mailboxes" in looked
    assert host.setup(check=False).returncode == 2
    assert "brought back /etc/postfix/main.cf" in host.setup("--yes").stdout
    assert host.setup().stdout == "nothing to change\n"
    host.setup("--undo")
    assert host.etc() == before


def test_only_root_may(host):
    refused = host.machine.run(["provost", "setup", "--dry-run"], check=False, user="www-data")
    assert refused.returncode == 77
    assert refused.stdout == ""
