# SPDX-License-Identifier: Apache-2.0
"""A machine that is a whole mail host: provostd, Postfix and Dovecot, set up by our own commands.

Everything is where a real host has it; the servers' own words are in /var/log, which the starter may keep.
"""

import dataclasses
import json
import subprocess

from lab import machine, programs, waiting

SETTINGS = "/etc/provost/provost.toml"
ADMIN_SOCKET = "/run/provost/admin.sock"
LOGS = ("provostd.log", "mail.log", "dovecot.log")
# What some tests have in their machine beside the servers: one list, so that one more root will do for all of them.
PROGRAMS = ("swaks", "isync", "getmail6", "neomutt", "sieve-connect", "sasl2-bin", "libsasl2-modules")
PORTS = {"smtp": 25, "submission": 587, "submissions": 465, "imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "sieve": 4190}


@dataclasses.dataclass
class Ran:
    """What a run of the command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def bare_machine(name, binds=(), release=None, preset=None, say=None, extra=(), without=""):
    """A machine with the programs under test and untouched servers; of the release under test, where none is named."""
    release = release or programs.release()
    folder = programs.folder(release, preset)
    ours = [(folder, "/opt/provost/bin", True), (folder.parent / "share", "/opt/provost/share", True)]
    return machine.Machine(name, release, [*ours, *binds], extra=(*programs.packages(release), *extra), say=say, without=without)


def kept_logs(of=""):
    """A folder for the logs of a mail host, kept_logs("backup") for those of another one; each release has its own."""
    group = "end_to_end" if programs.release() == programs.OURS else "end_to_end_13"
    return programs.TOP / "build" / "check" / group / (f"logs-{of}" if of else "logs")


class MailHost:
    """logs: a host folder that takes the servers' logs and outlives the machine; None leaves them inside.

    extra: packages beside those of every machine.
    """

    before_provostd = ()  # words by which it is run, such as "env" and a variable
    servers = ()  # packages in place of those whose names begin with `without`
    without = ""
    set_up = ("--host-name", "mx.example.test", "--logs", "/var/log")  # what provost setup is told

    def __init__(self, name, preset=None, logs=None, settings="", say=None, release=None, extra=(), binds=()):
        binds = list(binds)
        if logs is not None:
            logs.mkdir(parents=True, exist_ok=True)
            binds.append((logs, "/var/log", False))
        self.machine = bare_machine(name, binds, release, preset, say, (*self.servers, *extra), self.without)
        self.settings = settings
        self._holder = None
        self._helper = None

    def start(self):
        self.configure()
        self.start_provostd()
        self.start_servers()

    def configure(self):
        self.make_ready()
        self.machine.run(["provost", "setup", "--yes", *self.set_up])
        # The rest of the world has no names here: what leaves goes to the stranger's port 25.
        self.machine.run(["postconf", "-e", f"relayhost = [{machine.WORLD}]:25"])

    def make_ready(self):
        if self.settings:
            self.machine.run(["sh", "-c", f"mkdir -p /etc/provost && cat >{SETTINGS}"], input=self.settings)
        self.machine.run(["provost", "init"])

    def start_provostd(self):
        """Its sockets are held by the holder: whoever connects from now on waits, and is not refused."""
        with open(self.machine.path("/var/log/provostd.log"), "ab") as log:
            self._holder = self.machine.start(
                ["provost-holder", "--sockets", "/etc/provost/sockets", "--user", "provost", "--",
                 *self.before_provostd, "/opt/provost/bin/provostd", "--config", SETTINGS], stdout=log, stderr=log)
            self._helper = self.machine.start(
                ["provost-holder", "--sockets", "/etc/provost/helper-sockets", "--",
                 "/opt/provost/bin/provost-helper", "--config", SETTINGS], stdout=log, stderr=log)
        waiting.until(self.answers, "provostd answers", 30)

    def stop_provostd(self):
        """Asks the holder to end, daemon and all, and returns its exit status when it has."""
        self.machine.run(["pkill", "-TERM", "-x", "provost-holder"])
        return self._holder.wait(timeout=30)

    def answers(self):
        if self._holder.poll() is not None:
            raise AssertionError(f"provost-holder ended with {self._holder.returncode}\n{self.log_tail('provostd.log')}")
        return self.machine.path(ADMIN_SOCKET).is_socket() and self.provost("status", check=False).code == 0

    def start_servers(self):
        self.machine.run(["postfix", "start"])
        self.machine.run(["dovecot"])

    def provost(self, *words, check=True, input=None, timeout=60):
        """Runs the command inside. An exit other than 0 is an error unless `check` is False."""
        done = self.machine.run(["provost", *map(str, words)], check=check, input=input, timeout=timeout)
        return Ran(done.returncode, done.stdout, done.stderr)

    def provost_json(self, *words, **options):
        return self.provost(*words, "-o", "json", **options).json

    def provostd_process(self):
        """The process id of provostd inside the machine, or None while the holder starts it again."""
        found = self.machine.run(["pgrep", "-x", "provostd"], check=False).stdout.split()
        return int(found[0]) if found else None

    def signal_provostd(self, signal):
        self.machine.run(["pkill", f"-{signal}", "-x", "provostd"])

    def log(self, name):
        path = self.machine.path(f"/var/log/{name}")
        return path.read_text(errors="replace") if path.exists() else ""

    def log_tail(self, name, lines=20):
        return "\n".join(f"{name}: {line}" for line in self.log(name).splitlines()[-lines:])

    def queue(self):
        """The messages in Postfix's queue, as postqueue -j words them."""
        listed = self.machine.run(["postqueue", "-j"]).stdout
        return [json.loads(line) for line in listed.splitlines()]

    def flush_queue(self):
        self.machine.run(["postqueue", "-f"])

    def stop(self):
        holders = [holder for holder in (self._holder, self._helper) if holder is not None]
        for holder in holders:
            if holder.poll() is None:
                holder.terminate()
        self.machine.stop()
        for holder in holders:
            try:
                holder.wait(timeout=5)
            except subprocess.TimeoutExpired:
                holder.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
