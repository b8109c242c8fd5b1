# SPDX-License-Identifier: Apache-2.0
"""A throwaway machine: namespaces over a cached root, with standard ports and standard paths, gone with its holder.

Its network is its own, so nothing in it can collide with the host or with another machine; whoever wants to talk with
its servers makes the sockets inside it (`network`, from a test; lab.relay, for a person's programs).
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from lab import linux, root
from lab.init import ADDRESS, WORLD

LIBRARY = pathlib.Path(__file__).resolve().parent.parent
PATH = "/opt/provost/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def command(process, words, user=None, home="/root", network=None):
    """The host command that runs these words in the machine of this process 1; in the network of another process if one is named."""
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"] if user else []
    net = f"--net=/proc/{network or process}/ns/net"
    return ["nsenter", f"--target={process}", "--mount", "--uts", "--ipc", net, "--pid", "--root", "--wd", "--", "env", "-i",
            f"PATH={PATH}", f"HOME={home}", "LC_ALL=C.UTF-8", f"TERM={os.environ.get('TERM', 'dumb')}", *as_user, *words]


class Machine:
    """binds: (host directory, place inside, read only) triples. size: what the overlay may hold, as tmpfs words it.

    extra, without: packages beside those of every machine, and how the names begin of those it does not have.
    console: a file for what its systemd says; a machine without one does not boot, and only runs what it is told to.
    """

    def __init__(self, name, release="bookworm", binds=(), size="2g", hostname="mx.example.test", extra=(), say=None, console=None, without=""):
        self.name = name
        self._root = root.ready(release, extra, say, without)
        settings = {
            "lower": str(self._root), "mountpoint": str(root.cache() / "mountpoint"), "hostname": hostname, "size": size,
            "parent": os.getpid(), "boot": console is not None, "console": str(console), "binds": [(str(source), target, read_only) for source, target, read_only in binds],
        }
        self._holder = subprocess.Popen(
            [sys.executable, "-m", "lab.init", name, json.dumps(settings)], cwd=LIBRARY, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True, start_new_session=True, pass_fds=[self._root.lock.fileno()])
        words = self._holder.stdout.readline().split()
        if words[:1] != ["ready"]:
            raise RuntimeError(f"the machine {name} did not start (exit {self._holder.wait()}); its words are above")
        self._first = int(words[1])
        self.wait_until_up()
        for arguments in (f"address add {ADDRESS}/24 dev eth0", "link set eth0 up", f"route add default via {WORLD}"):
            self.run(["ip", *arguments.split()])

    @property
    def process(self):
        """The process id of its process 1."""
        return self._first

    def wait_until_up(self):
        """Nothing to wait for: it only runs what it is told to."""

    def path(self, inside):
        """The host's path of a file or socket inside the machine."""
        return pathlib.Path(f"/proc/{self.process}/root{inside}")

    def command(self, words, user=None, home="/root", abroad=False):
        """The host command that runs these words inside; abroad: with the machine's files, and a stranger's network."""
        return command(self.process, words, user, home, self.world_process if abroad else None)

    def run(self, words, check=True, timeout=60, input=None, **options):
        """Runs a command inside and returns its CompletedProcess; what is still going after `timeout` seconds is killed.

        options: as of `command`.
        """
        bounded = ["timeout", "--kill-after=2", str(timeout), *words]
        # Files, not pipes: a daemon that a command leaves behind keeps its ends of a pipe open.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as typed:
            typed.write((input or "").encode())
            typed.seek(0)
            done = subprocess.run(self.command(bounded, **options), stdin=typed, stdout=out, stderr=err, check=False)
            for name, file in (("stdout", out), ("stderr", err)):
                file.seek(0)
                setattr(done, name, file.read().decode(errors="replace"))
        if check and done.returncode != 0:
            raise RuntimeError(f"in {self.name}: {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
        return done

    def start(self, words, user=None, **options):
        """Starts a command inside and returns its Popen. It ends with the machine at the latest."""
        return subprocess.Popen(self.command(words, user), stdin=subprocess.DEVNULL, start_new_session=True, **options)

    @property
    def world_process(self):
        """The process that holds the network of the rest of the world."""
        return self._holder.pid

    def network(self):
        """A context in which this thread's new sockets are the machine's own: 127.0.0.1 is its loopback."""
        return linux.network_of(self.process)

    def world(self):
        """A context in which this thread's new sockets are a stranger's, at WORLD, who reaches the machine at ADDRESS."""
        return linux.network_of(self.world_process)

    def stop(self):
        """Ends every process inside; returns when the last one is gone."""
        if self._holder.poll() is None:
            try:
                os.kill(self._first, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._holder.wait()
        self._holder.stdout.close()
        self._root.lock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def children(process):
    return [int(child) for child in pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def booted_by(first):
    """The process id of the systemd that this process 1 of a machine has booted; None while there is none."""
    try:
        for nspawn in children(first):
            for process in children(nspawn):
                status = pathlib.Path(f"/proc/{process}/status").read_text()
                if any(line.startswith("NSpid:") and line.endswith("\t1") for line in status.splitlines()):
                    return process
    except OSError:
        pass  # it ended meanwhile
    return None


def running():
    """The machines of this host, as (name, process id of its process 1) pairs."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            status = (entry / "status").read_text()
        except (OSError, ValueError):
            continue
        if words[1:3] == ["-m", "lab.init"] and [line for line in status.splitlines() if line.startswith("NSpid:") and line.endswith("\t1")]:
            found.append((words[3], booted_by(entry.name) or int(entry.name)))
    return sorted(found)
