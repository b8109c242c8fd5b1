# SPDX-License-Identifier: Apache-2.0
"""A machine that boots as a real one does: systemd starts its servers, and it can be rebooted."""

from lab import machine, waiting

SYSTEM = ("systemd", "systemd-sysv", "dbus")


class Booted(machine.Machine):
    """console: a host file that takes what systemd says. extra: packages beside those of every machine, and of SYSTEM."""

    def __init__(self, name, console, extra=(), **options):
        console.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(name, console=console, extra=(*SYSTEM, *extra), **options)

    @property
    def process(self):
        found = machine.booted_by(self._first)
        if found is None:
            raise ConnectionError(f"{self.name} has no systemd now: it starts, or ends")
        return found

    def wait_until_up(self, seconds=120):
        """Until all that starts with the host has started, or failed to."""
        def is_up():
            said = self.run(["systemctl", "is-system-running", "--wait"], check=False, timeout=seconds).stdout.strip()
            return said in ("running", "degraded")

        waiting.until(is_up, f"{self.name} is up", seconds)

    def reboot(self):
        before = self.process
        self.run(["systemctl", "reboot"], check=False)
        waiting.until(lambda: self.process != before, f"{self.name} has begun anew", 60)
        self.wait_until_up()

    def failed_units(self):
        return [line.split()[0] for line in self.run(["systemctl", "--failed", "--plain", "--no-legend"]).stdout.splitlines()]

    def journal(self, *units):
        return self.run(["journalctl", "--no-pager", "--boot", *(f"--unit={unit}" for unit in units)]).stdout
