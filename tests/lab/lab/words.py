# SPDX-License-Identifier: Apache-2.0
"""What the programs of one Debian spell otherwise than those of the other: all that a test may know of a release."""

import dataclasses

from lab import programs


@dataclasses.dataclass(frozen=True)
class Words:
    no_cleartext: tuple  # the setting by which passwords need TLS, and its value
    # What a careless administrator may add to Dovecot's files, and the name of what is wrong then:
    other_quota: tuple
    no_quota: tuple
    mail_elsewhere: tuple
    until_yesterday: str  # options of openssl's x509, for a certificate that has expired
    namespace_without_name: str  # what an administrator is told who has one
    # Of the kinds in end_to_end/configurations: questions to doveconf with a part of the answer, and notes.
    stays_in_dovecot: dict
    told_of_dovecot: dict


BOOKWORM = Words(
    no_cleartext=("disable_plaintext_auth", "yes"),
    other_quota=("plugin {\n quota = maildir\n}", "plugin/quota"),
    no_quota=("mail_plugins = notify", "mail_plugins"),
    mail_elsewhere=("mail_location = mbox:~/mail", "mail_location"),
    until_yesterday="-days -1",
    namespace_without_name="has no name",
    stays_in_dovecot={
        "postfixadmin": [("-h mail_plugins", "quota")],
        "no_last_line_end": [("-h login_greeting", "Welcome.")],
        "dovecot_edited": [
            ("-h mail_plugins", "zlib"), ("-f protocol=imap -h mail_plugins", "imap_zlib"),
            ("-f protocol=imap -h mail_max_userip_connections", "90"), ("-h listen", "127.0.0.1, 192.0.2.1"),
            ("-h service/imap-login/inet_listener/imap/port", "0"), ("-h ssl_min_protocol", "TLSv1.3"),
            ("-h service/imap-login/process_limit", "4000"), ("-h plugin/sieve_before", "/etc/dovecot/sieve/global.sieve")],
        "dovecot_by_hand": [("-h log_path", "/var/log/imap.log")],
    },
    told_of_dovecot={
        "hash_maps": [
            "passdb passwd-file scheme=SHA512-CRYPT username_format=%u /etc/dovecot/users is no longer asked",
            "userdb static uid=vmail",
            "auth listener /var/spool/postfix/private/auth stays", "maildir:/var/mail/vhosts/%d/%n: mail that is stored there stays"],
        "postfixadmin": [
            "passdb sql /etc/dovecot/dovecot-sql.conf.ext is no longer asked", "userdb sql", "mail_location = maildir:/var/vmail/%d/%n"],
        "dovecot_edited": ["mail_location = maildir:/srv/mail/%d/%n: mail that is stored there stays"],
        "dovecot_by_hand": ["mail_location = maildir:~/Maildir: mail"],
    },
)
TRIXIE = Words(
    no_cleartext=("auth_allow_cleartext", "no"),
    other_quota=('quota "User quota" {\n driver = maildir\n}', 'quota "User quota"/driver'),
    no_quota=("mail_plugins {\n quota = no\n}", "mail_plugins/quota"),
    mail_elsewhere=("mail_path = ~/mail", "mail_path"),
    until_yesterday="-not_before 20200101000000Z -not_after 20210101000000Z",
    namespace_without_name="namespace { } is missing section name",
    stays_in_dovecot={
        "postfixadmin": [("-h mail_plugins", "quota = yes")],
        "no_last_line_end": [("-h login_greeting", "Welcome.")],
        "dovecot_edited": [
            ("-h mail_plugins", "mail_compress = yes"), ("-f protocol=imap -h mail_plugins", "imap_filter_sieve = yes"),
            ("-f protocol=imap -h mail_max_userip_connections", "90"), ("-h listen", "127.0.0.1 192.0.2.1"),
            ("-h service/imap-login/inet_listener/imap/port", "0"), ("-h ssl_min_protocol", "TLSv1.3"),
            ("-h service/imap-login/process_limit", "4000"), ("sieve_script", "path = /etc/dovecot/sieve/global.sieve")],
        "dovecot_by_hand": [("-h log_path", "/var/log/imap.log")],
    },
    told_of_dovecot={
        "hash_maps": [
            "passdb passwd-file /etc/dovecot/users is no longer asked", "userdb static is no longer asked",
            "auth listener /var/spool/postfix/private/auth stays",
            "mail_path = /var/mail/vhosts/%{user | domain}/%{user | username}: mail that is stored there stays"],
        "postfixadmin": ["passdb sql is no longer asked", "userdb sql is no longer asked", "mail_path = /var/vmail/%{user | domain}"],
        "dovecot_edited": ["mail_path = /srv/mail/%{user | domain}/%{user | username}: mail that is stored there stays"],
        "dovecot_by_hand": ["mail_path = ~/Mail: mail"],
    },
)
OF = {"bookworm": BOOKWORM, "trixie": TRIXIE}


def here():
    """Those of the release under test."""
    return OF[programs.release()]
