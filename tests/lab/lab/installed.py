# SPDX-License-Identifier: Apache-2.0
"""A mail host as an administrator makes it: a booted Debian, ./install, provost init, and the servers set up.

On Debian 12 it gets what is built here. On Debian 13 it builds by itself, in build/booted/trixie of this checkout.
"""

import os
import pathlib

from lab import booted, mail_host, waiting

SOURCE = "/srv/provost"
WORK = mail_host.TOP / "build" / "booted"
PATIENCE = 3600  # seconds: Debian 13 may have to build


def build_packages(release):
    """What dev/need would install for building."""
    found = []
    for line in (mail_host.TOP / "dev" / "packages" / "build").read_text().splitlines():
        package, _, only = line.split(" ")[0].partition("/")
        if package and package != "#" and only in ("", release):
            found.append(package)
    return found


class InstalledHost(mail_host.MailHost):
    def __init__(self, release, name=None):
        self.release = release
        folder = WORK / release
        binds = [(mail_host.TOP, SOURCE, True)]
        extra = ()
        if release == "bookworm":
            mail_host.binaries_folder("release")
        else:
            extra = build_packages(release)
            for part in ("build", "ccache"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            binds += [(folder / "build", f"{SOURCE}/build", False), (folder / "ccache", "/root/.cache/ccache", False)]
        self.machine = booted.Booted(name or f"booted-{release}-{os.getpid()}", folder / "console.log", release=release, extra=extra, binds=binds)
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
        built = ["--built"] if self.release == "bookworm" else []
        return f"(cd {SOURCE} && ./install {' '.join(options or built)})"

    def install(self, *options):
        """Returns what was said."""
        return self.machine.run(["sh", "-c", self.install_words(*options)], timeout=PATIENCE).stdout

    def set_up_servers(self):
        self.machine.run(["provost", "setup", "--yes", "--host-name", "mx.example.test"])
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
