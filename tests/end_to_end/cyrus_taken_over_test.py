# SPDX-License-Identifier: Apache-2.0
"""A host that serves mail by Cyrus, saslauthd and tables already, as sites were told to make it for years, comes over."""

import imaplib
import smtplib

import pytest
from lab import cyrus_host, mail_host
from lab import doors as the_doors

PASSWORD = "correct-horse-7-battery"
IMAPD = {"allowplaintext": "yes", "sasl_mech_list": "LOGIN PLAIN", "sasl_pwcheck_method": "saslauthd", "virtdomains": "userid",
         "tls_cert_file": "/etc/ssl/certs/ssl-cert-snakeoil.pem", "tls_key_file": "/etc/ssl/private/ssl-cert-snakeoil.key",
         "defaultdomain": "mx.example.test", "admins": "cyrus"}
LMTP = "/var/spool/postfix/var/imap/socket/lmtp"
CYRUS = f'  lmtpchroot cmd="lmtpd" listen="{LMTP}" prefork=0 maxchild=20'
POSTFIX = ["smtpd_tls_auth_only = yes", "smtpd_sasl_local_domain = $myhostname", "smtpd_sasl_auth_enable = yes",
           "broken_sasl_auth_clients = yes", "smtpd_sasl_security_options = noanonymous", "myhostname = mx.example.test",
           "smtpd_recipient_restrictions = permit_sasl_authenticated, permit_mynetworks, reject_unauth_destination",
           "virtual_mailbox_domains = texthash:/etc/postfix/domains", "virtual_alias_maps = texthash:/etc/postfix/aliases",
           "mailbox_transport = lmtp:unix:/var/imap/socket/lmtp", "virtual_transport = $mailbox_transport"]
SERVED = f"""
set -e
sed -i -E 's/^(\\s+)(pop3|nntp|http)(\\s.*)$/\\1#\\2\\3/; s,^\\s+lmtpunix.*,&\\n{CYRUS},' /etc/cyrus.conf
mkdir -p {LMTP.rsplit("/", 1)[0]}
chown cyrus:mail {LMTP.rsplit("/", 1)[0]}
adduser -q cyrus ssl-cert
printf 'example.test x\\n' >/etc/postfix/domains
printf 'info@example.test alice@example.test\\n' >/etc/postfix/aliases
printf 'pwcheck_method: saslauthd\\nmech_list: PLAIN LOGIN\\n' >/etc/postfix/sasl/smtpd.conf
install -D -o cyrus -g mail /dev/null /var/spool/cyrus/mail/a/user/alice/cyrus.header
"""


class Site:
    def __init__(self, host):
        self.host = host
        self.machine = host.machine
        self.doors = the_doors.Doors(host.machine)
        self.serve()
        self.before = self.files()
        self.host.make_ready()
        self.said = self.machine.run(["provost", "setup", "--yes", "--imap", "cyrus", "--logs", "/var/log"]).stdout
        self.host.start_provostd()
        self.host.start_servers()
        self.host.provost("domain", "add", "example.test")
        self.host.provost("mailbox", "add", "alice@example.test", "--password-stdin", input=f"{PASSWORD}\n")

    def serve(self):
        file = self.machine.path("/etc/imapd.conf")
        lines = [line for line in file.read_text().splitlines() if line.partition(":")[0] not in IMAPD]
        self.machine.run(["sh", "-c", "cat >/etc/imapd.conf"],
                         input="\n".join([*lines, *(f"{name}: {value}" for name, value in IMAPD.items())]) + "\n")
        self.machine.run(["sh", "-c", SERVED])
        self.machine.run(["postconf", "-e", *POSTFIX])

    def files(self):
        return self.machine.run(["sh", "-c", "cat /etc/imapd.conf /etc/cyrus.conf /etc/postfix/main.cf /etc/postfix/sasl/smtpd.conf /etc/group"]).stdout


@pytest.fixture(scope="module")
def site():
    with cyrus_host.CyrusHost("cyrus-served", logs=mail_host.kept_logs("cyrus-served"), settings='[passwords]\nfailure_delay = "300ms"\n') as host:
        yield Site(host)


def test_what_people_would_feel_is_said_before(site):
    for words in ("virtual_alias_maps = texthash:/etc/postfix/aliases is no longer asked", "smtpd_sasl_auth_enable = yes becomes no",
                  "allowplaintext: yes becomes no", "defaultdomain: mx.example.test stays", "sessions end"):
        assert words in site.said, words


def test_what_would_rename_mailboxes_stays_and_the_rest_leads_to_the_directory(site):
    text = site.machine.path("/etc/imapd.conf").read_text()
    lines = set(text.splitlines())
    assert {"unixhierarchysep: no", "altnamespace: no", "defaultdomain: mx.example.test", "sasl_mech_list: LOGIN PLAIN",
            "tls_server_cert: /etc/ssl/certs/ssl-cert-snakeoil.pem", "allowplaintext: no",
            "sasl_saslauthd_path: /run/provost/saslauthd/mux"} <= lines
    assert not any(line.startswith("tls_cert_file") for line in lines)
    services = site.machine.path("/etc/cyrus.conf").read_text()
    assert "lmtpchroot" in services and "provostlmtp" in services and "\tpop3" not in services
    told = site.host.provost("doctor", "--no-delivery", check=False)
    # Its doors for POP3 and for IMAP within TLS, which [doors] names, it never had.
    red = {" ".join(line.split()[1:3]) for line in told.out.splitlines() if line.startswith("red")}
    assert red == {"door pop3", "door pop3s", "door imaps"}, told.out


def test_people_sign_in_and_find_what_is_sent_to_them(site):
    with pytest.raises(imaplib.IMAP4.error):
        site.doors.imap("alice@example.test", "wrong")
    letter = the_doors.letter("ann@elsewhere.test", "alice@example.test", "To Cyrus")
    session = site.doors.smtp()
    assert the_doors.send(session, letter["From"], ["alice@example.test"], letter).code == 250
    the_doors.leave(session)
    site.doors.mailbox("alice@example.test", PASSWORD).wait_for("To Cyrus")


def test_they_send_as_before_by_either_socket(site):
    site.doors.submission("alice@example.test", PASSWORD).quit()
    site.host.provost("setup", "--yes", "--smtp-sasl", "cyrus")
    assert site.machine.path("/etc/postfix/sasl/smtpd.conf").read_text().endswith("saslauthd_path: /provost/saslauthd/mux\n")
    site.doors.submission("alice@example.test", PASSWORD).quit()
    with pytest.raises(smtplib.SMTPAuthenticationError):
        site.doors.submission("alice@example.test", "wrong")


def test_all_of_it_is_taken_back(site):
    site.host.provost("setup", "--undo", "--yes")
    assert site.files() == site.before
