# SPDX-License-Identifier: Apache-2.0
"""A machine that is a whole mail host whose mailboxes Cyrus keeps: provostd, Postfix and Cyrus, set up by our commands.

Nothing but Cyrus and Postfix is installed by way of servers, since Debian lets no host have two for IMAP.
"""

import socket

from lab import booted, mail_host, waiting

# With what a machine that boots has, so that one more root will do for all of them.
SERVERS = ("cyrus-imapd", "cyrus-pop3d", "cyrus-admin", "sasl2-bin", "libsasl2-modules", "swaks", "busybox", *booted.SYSTEM)
WITHOUT = "dovecot-"
LMTP = "/var/spool/postfix/provost-lmtp/lmtp"
LOG = "/var/log/cyrus.log"
ADMIN_PASSWORD = "/etc/provost/cyrus.password"


def bare_machine(name, **options):
    """As mail_host.bare_machine, with untouched Cyrus and Postfix."""
    return mail_host.bare_machine(name, extra=SERVERS, without=WITHOUT, **options)


def start_log(machine):
    """Cyrus knows no log but syslog."""
    machine.run(["busybox", "syslogd", "-O", LOG])
    waiting.until(machine.path("/dev/log").is_socket, "syslog is there", 10)


def start_cyrus(machine):
    """Returns when it answers: its master looks its databases over before it listens anywhere."""
    machine.run(["/etc/init.d/cyrus-imapd", "start"])
    waiting.until(lambda: greets(machine), "Cyrus answers by LMTP and IMAP", 30)


def stop_cyrus(machine):
    """By its process: the init script of 3.10 looks for it where it is not written down."""
    machine.run(["pkill", "-TERM", "-x", "cyrmaster"])
    waiting.until(lambda: machine.run(["pgrep", "-x", "cyrmaster"], check=False).returncode, "Cyrus has ended", 30)


def greets(machine):
    try:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(10)
            asked.connect(str(machine.path(LMTP)))
            if not asked.recv(1000).startswith(b"220 "):
                return False
        with machine.network():
            imap = socket.create_connection(("127.0.0.1", 143), timeout=10)
        with imap:
            return imap.recv(1000).startswith(b"* OK")
    except OSError:
        return False


class CyrusHost(mail_host.MailHost):
    servers = SERVERS
    without = WITHOUT
    set_up = ("--imap", "cyrus", "--smtp", "postfix", *mail_host.MailHost.set_up)

    def start_servers(self):
        start_log(self.machine)
        self.machine.run(["postfix", "start"])
        start_cyrus(self.machine)

    def admin_password(self):
        return self.machine.path(ADMIN_PASSWORD).read_text().strip()
