# SPDX-License-Identifier: Apache-2.0
"""A machine in which Provost and its peers run side by side, with databases on the host's disk, where a sync costs what
it costs."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

from lab import machine, mail_host, programs, root, waiting
from suite import measure

WORK = programs.TOP / "build" / "bench"
INSIDE = "/srv/bench"  # where the machine has what a bench reads and writes
PROGRAMS = "/opt/bench"
MAP = "/var/spool/postfix/provost/map"
AUTH = "/run/dovecot/login/provost/auth"
# What the peers need, beside what every machine has. dbconfig-no-thanks: databases are made here, not by packages.
PEERS = ("postfix-mysql", "dovecot-mysql", "mariadb-server", "postfixadmin", "php-cli", "php-cgi", "php-mysql", "micro-httpd",
         "dbconfig-no-thanks", "sasl2-bin", "libpam-pwdfile", "libpam-mysql")
SETTINGS = '[api]\nlisten = ""\n'


def build():
    """The programs under test and those that measure, in the release build."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    environment.update(LANG="C.UTF-8", CCACHE_BASEDIR=str(programs.TOP), CCACHE_NOHASHDIR="1")
    for words in (["cmake", "--preset", "release"],
                  ["cmake", "--build", "--preset", "release", "--target", "programs", "bench_programs"]):
        subprocess.run(words, cwd=programs.TOP, env=environment, check=True, stdout=subprocess.DEVNULL)


def host():
    """What the figures depend on, in a line."""
    model = next(line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    return f"{os.cpu_count()} CPUs ({model}), load {os.getloadavg()[0]:.2f}"


def series(said, what):
    """Of what a program printed each time: one of its values, or a function of all."""
    return measure.Series([what(one) if callable(what) else one[what] for one in said])


class Site(mail_host.MailHost):
    """name: also that of its folder below build/bench, which is made anew and goes with it."""

    servers = PEERS
    on_disk = ()  # more places inside that are to be on the host's disk, as the packages leave them

    def __init__(self, name, settings=SETTINGS, say=None):
        self.folder = WORK / name
        shutil.rmtree(self.folder, ignore_errors=True)
        for part in ("provost", "mysql", "work", "logs"):
            (self.folder / part).mkdir(parents=True)
        release = programs.folder(programs.OURS, "release")
        binds = [
            (release, "/opt/provost/bin", True), (release.parent / "share", "/opt/provost/share", True),
            (release.parent / "bench", PROGRAMS, True), (self.folder / "provost", "/var/lib/provost", False),
            (self.folder / "mysql", "/var/lib/mysql", False), (self.folder / "work", INSIDE, False),
            (self.folder / "logs", "/var/log", False),
        ]
        binds += [(self._copied(inside, say), inside, False) for inside in self.on_disk]
        self.machine = machine.Machine(f"bench-{name}-{os.getpid()}", programs.OURS, binds, extra=self.servers, say=say, without=self.without)
        self.settings = settings
        self._holder = self._helper = None

    def _copied(self, inside, say):
        """A folder of the host's with what the root has there, owners and all."""
        made = self.folder / inside.strip("/").replace("/", "-")
        lower = root.ready(programs.OURS, self.servers, say, self.without)
        with lower.lock:
            subprocess.run(["cp", "-a", f"{lower}{inside}", made], check=True)
        return made

    def make_ready(self):
        super().make_ready()
        self.machine.run(["mkdir", "-p", "/run/dovecot/login"])  # as Dovecot leaves it, which does not run everywhere here

    def set_settings(self, text):
        """For the next start."""
        self.machine.run(["sh", "-c", f"cat >{mail_host.SETTINGS}"], input=text)

    def restart(self, settings=None):
        self.stop_provostd()
        if settings is not None:
            self.set_settings(settings)
        self.start_provostd()

    @property
    def database(self):
        """The record's file, on the host."""
        return self.folder / "provost" / "provost.db"

    def status(self):
        """What the daemon says of itself; None where it does not."""
        done = self.provost("status", "-o", "json", check=False)
        try:
            return json.loads(done.out)
        except ValueError:
            return None

    def answers(self):
        """Whether it says anything: a copy that is being made is no reason not to begin."""
        if self._holder.poll() is not None:
            raise AssertionError(f"provost-holder ended with {self._holder.returncode}\n{self.log_tail('provostd.log')}")
        return self.machine.path(mail_host.ADMIN_SOCKET).is_socket() and self.status() is not None

    def wait_for_copy(self, seconds=1200):
        """Until what was put into the record is in the copy."""
        def is_there():
            said = self.status()
            return said and said["record"]["position"] and said["record"]["position"] == said["replica"]["position"]

        waiting.until(is_there, "the copy has what the record has", seconds)

    def processes(self, name):
        """Process ids inside the machine."""
        return [int(word) for word in self.machine.run(["pgrep", "-x", name], check=False).stdout.split()]

    def pin(self, cpus, *names):
        """All threads of these programs run on these CPUs only, as taskset words them."""
        for name in names:
            for process in self.processes(name):
                self.machine.run(["taskset", "-a", "-c", "-p", cpus, str(process)])

    def measure(self, program, *words, cpus=None, timeout=600):
        """What one of our measuring programs prints; where it runs on these CPUs only, as taskset words them."""
        pinned = ["taskset", "-c", cpus] if cpus else []
        return json.loads(self.machine.run([*pinned, f"{PROGRAMS}/{program}", *map(str, words)], timeout=timeout).stdout)

    def seconds_of(self, command, timeout=600):
        """How long the shell takes for this, looked at from inside."""
        timed = f'began=$EPOCHREALTIME; {command}; ended=$EPOCHREALTIME; echo "$began $ended"'
        began, ended = self.machine.run(["bash", "-ec", timed], timeout=timeout).stdout.split()[-2:]
        return float(ended) - float(began)

    def write(self, name, text):
        """A file for the programs inside; returns its path there."""
        pathlib.Path(self.folder / "work" / name).write_text(text)
        return f"{INSIDE}/{name}"

    def stop(self):
        super().stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def connect(path, timeout=60):
    """A connection to a socket of a machine's, by the host's path of it."""
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(timeout)
    peer.connect(path)
    return peer


def look_up(site, key, map_name="aliases", timeout=30):
    """One question to the socket map, from the host; the payload of the answer."""
    with connect(str(site.machine.path(MAP)), timeout) as peer:
        payload = f"{map_name} {key}".encode()
        peer.sendall(b"%d:%s," % (len(payload), payload))
        got = b""
        while b":" not in got or len(got) < got.index(b":") + 2 + int(got[:got.index(b":")]):
            more = peer.recv(4096)
            if not more:
                raise ConnectionError("the map's socket was closed")
            got += more
        return got[got.index(b":") + 1:-1].decode()


def first_answer(site, key, map_name="aliases", seconds=120):
    """When the map first says OK to this, on time.monotonic's clock."""
    def found():
        return look_up(site, key, map_name, seconds).startswith("OK ") and time.monotonic()

    return waiting.until(found, f"{map_name} {key} is answered", seconds)
