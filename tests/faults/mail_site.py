# SPDX-License-Identifier: Apache-2.0
"""A mail site to be attacked: a whole machine, its state on a small disk of its own, its daemon with faulty/ loaded."""

import contextlib
import fcntl
import mmap
import os
import pathlib
import signal

import control
from lab import admin, linux, mail_host, programs, waiting

STATE = "/var/lib/provost"
DATABASE = f"{STATE}/provost.db"
SCHEMA = "/etc/provost/schema"
HELD = "/run/held"
DISK = "96m"
FILLINGS = 5  # times that a disk is tried to be filled while others write to it
DOMAIN = "site.test"
PASSWORD = "correct-horse-7-battery"
# One door is enough for a proof: what is asked there is asked of us in the same way by all.
SETTINGS = """
[database]
busy_timeout = "1s"
[passwords]
failure_delay = "100ms"
default_scheme = "sha512-crypt"
[logins]
max_age_for_logins = "1h"
[doors]
imaps = ""
pop3 = ""
pop3s = ""
sieve = ""
submission = ""
submissions = ""
"""


class Site(mail_host.MailHost):
    def __init__(self, logs):
        super().__init__(f"faults-{os.getpid()}", logs=logs, settings=SETTINGS,
                         binds=[(programs.folder(programs.release()).parent / "lib", "/opt/provost/lib", True)])
        self.faulty = None
        self.environment = ("env", f"LD_PRELOAD={control.LIBRARY}", f"PROVOST_FAULTY={control.FILE}", f"PROVOST_SCHEMA={SCHEMA}")
        # Whoever has the lock keeps a daemon that died from being started again.
        self.before_provostd = ("sh", "-c", f'flock --shared {HELD} true; exec "$@"', "sh", *self.environment)
        self.admin = admin.Admin(self.machine, timeout=10)
        self._namespace = os.readlink(f"/proc/{self.machine.process}/ns/pid")

    def start(self):
        self.machine.run(["sh", "-ec", f"mkdir -p {STATE} && mount -t tmpfs -o size={DISK} state {STATE}"])
        self.faulty = control.Faulty(self.path(control.FILE))
        self.path(HELD).touch()
        self.configure()
        self.sh(f"cp -r /opt/provost/share/provost/schema {SCHEMA}")
        self.start_provostd()
        self.start_servers()
        self.provost("domain", "add", DOMAIN)

    def path(self, inside):
        return self.machine.path(inside)

    def sh(self, script):
        return self.machine.run(["sh", "-ec", script]).stdout

    def command(self, *words):
        """A run of the command as the daemon is run: it comes to the same faults."""
        return self.machine.run([*self.environment, "provost", *words], check=False)

    def process(self, name="provostd"):
        """Its process id on this host, or None."""
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if (entry.name.isdigit() and (entry / "comm").read_text() == f"{name}\n"
                        and os.readlink(entry / "ns/pid") == self._namespace):
                    return int(entry.name)
        return None

    def processes_of(self, program):
        """Those that run a program of this name, or one in a folder of this name."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if (entry.name.isdigit() and os.readlink(entry / "ns/pid") == self._namespace
                        and program in os.readlink(entry / "exe").split("/")):
                    found.append(int(entry.name))
        return found

    def kill(self, how=signal.SIGKILL):
        """Returns when it is gone."""
        process = self.process()
        if process is None:
            return
        os.kill(process, how)
        waiting.until(lambda: not is_alive(process), "provostd is gone", 30)

    def limit(self, process, resource):
        """The soft one, as prlimit(1) prints it."""
        asked = self._as_daemon("prlimit", f"--pid={self._inside(process)}", f"--{resource}", "--output=SOFT", "--noheadings", "--raw")
        return asked.stdout.strip()

    def set_limit(self, process, resource, soft):
        if is_alive(process):
            self._as_daemon("prlimit", f"--pid={self._inside(process)}", f"--{resource}={soft}:")

    def _as_daemon(self, *words):
        """Whoever is not of its user may be kept from this, even root, where root is in a box."""
        return self.machine.run(words, user="provost", check=False)

    def _inside(self, process):
        """Its id in the machine."""
        for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                return line.split()[-1]
        raise AssertionError("a process without an id")

    def descriptors_of(self, process):
        try:
            return len(os.listdir(f"/proc/{process}/fd"))
        except FileNotFoundError:
            return 0

    def memory_of(self, process):
        return int(pathlib.Path(f"/proc/{process}/statm").read_text().split()[0]) * mmap.PAGESIZE

    @contextlib.contextmanager
    def while_it_is_down(self):
        """It is killed, and what is done within this happens before it is started again."""
        with open(self.path(HELD)) as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.kill()
            yield

    def restart(self):
        with self.while_it_is_down():
            pass
        waiting.until(self.process, "provostd is started again", 10)

    def status(self, verify=False):
        """What GET /status says; None where nobody says anything."""
        try:
            status, said = self.admin.ask("GET", "/status" + ("?verify=true" if verify else ""))
        except admin.NoAnswer:
            return None
        return said if status == 200 else None

    def log_end(self):
        return self.path("/var/log/provostd.log").stat().st_size

    def has_said(self, words, since):
        """Whether the daemon has logged one of these words after that place in its log."""
        with open(self.path("/var/log/provostd.log"), "rb") as log:
            log.seek(since)
            said = log.read().decode(errors="replace")
        return any(word in said for word in words)

    def free_bytes(self):
        found = os.statvfs(self.path(STATE))
        return found.f_bavail * found.f_frsize

    def fill_disk(self, leave=0):
        with open(self.path(f"{STATE}/filler"), "wb") as filler:
            for _ in range(FILLINGS):
                room = self.free_bytes() - leave
                if room <= 0:
                    break
                # Whoever else writes may have taken some of it meanwhile.
                with contextlib.suppress(OSError):
                    os.posix_fallocate(filler.fileno(), 0, room)
                    break

    def empty_disk(self):
        self.path(f"{STATE}/filler").unlink(missing_ok=True)

    def database_files(self):
        return [self.path(DATABASE + end) for end in ("", "-wal", "-shm")]

    def copy_file(self):
        """The file that is answered from."""
        folder = self.path(f"{STATE}/replica")
        return folder / (folder / "current").read_text().strip()

    def in_its_network(self):
        return linux.network_of(self.machine.process)


def is_alive(process):
    """A dead one whose parent has not looked yet is gone."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
