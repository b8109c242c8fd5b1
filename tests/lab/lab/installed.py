# SPDX-License-Identifier: Apache-2.0
"""A mail host as an administrator makes it: a booted Debian, ./install, provost init, and the servers set up.

On Debian 12 it gets what is built here. On Debian 13 it builds by itself, in the build folder of lab.programs.
"""

import os
import pathlib

from lab import booted, mail_host, programs, waiting

WORK = programs.TOP / "build" / "booted"
PATIENCE = 3600  # seconds: Debian 13 may have to build


class InstalledHost(mail_host.MailHost):
    set_up = ("--host-name", "mx.example.test")

    def __init__(self, release, name=None):
        self.release = release
        if release == programs.OURS:
            programs.folder(release, "release")
        self.machine = booted.Booted(name or f"booted-{release}-{os.getpid()}", WORK / release / "console.log", release=release,
                                     extra=(*programs.packages(release), *self.servers), without=self.without,
                                     binds=programs.source_binds(release))
        # Cached roots have the users of every lab machine; here the installation makes its own.
        for user in ("provost", "vmail"):
            self.machine.run(["userdel", user])

    def start(self):
        self.install()
        self.machine.run(["provost", "init"])
        self.set_up_servers()
        self.provost("domain", "add", "example.test")

    def install_words(self, *options):
        """For a shell. What was built here is not built again on Debian 12."""
        built = ["--built"] if self.release == programs.OURS else []
        return f"(cd {programs.SOURCE} && ./install {' '.join(options or built)})"

    def install(self, *options):
        """Returns what was said."""
        with programs.building(self.release):
            return self.machine.run(["sh", "-c", self.install_words(*options)], timeout=PATIENCE).stdout

    def set_up_servers(self):
        self.machine.run(["provost", "setup", "--yes", *self.set_up])
        self.wait_for_doors()

    def wait_for_doors(self):
        def listening():
            shown = self.machine.run(["ss", "-Hltn"]).stdout
            return {int(line.split()[3].rsplit(":", 1)[1]) for line in shown.splitlines()}

        waiting.until(lambda: set(mail_host.PORTS.values()) <= listening(), "every door is open", 30)

    def reboot(self):
        self.machine.reboot()
        self.wait_for_doors()

    def listed(self):
        """What ./install says it installed."""
        return pathlib.Path(self.machine.path("/usr/local/lib/provost/installed")).read_text().splitlines()

    def log(self, name):
        return self.machine.journal()

    def stop(self):
        self.machine.stop()
