# SPDX-License-Identifier: Apache-2.0
"""provostd is started again, and installed again, while servers ask it steadily: nobody is refused."""

import os

from lab import load, waiting

LOOKUPS = int(os.environ.get("PROVOST_LOOKUPS", "1000"))  # a second
SIGN_INS = int(os.environ.get("PROVOST_SIGN_INS", "50"))
TIMES = 10
USERS = 20


def test_nobody_is_refused_through_ten_restarts_and_ten_upgrades(host, machine):
    users = {f"steady-{number}@example.test": f"correct-horse-{number}-battery" for number in range(USERS)}
    for address, password in users.items():
        host.provost("mailbox", "add", address, "--password-stdin", input=f"{password}\n")

    def run(act):
        before = daemon(machine)
        act()
        waiting.until(lambda: daemon(machine) not in (None, before), "another provostd runs", 60)
        assert host.provost("status").code == 0

    with load.Load(machine, users, LOOKUPS, SIGN_INS) as asked:
        for _ in range(TIMES):
            run(lambda: machine.run(["systemctl", "restart", "provostd.service"]))
        for _ in range(TIMES):
            run(lambda: host.install("--built"))
        counted = asked.finish()

    print(counted, flush=True)
    seconds = counted.pop("seconds")
    longest = {what: counted.pop(what) for what in list(counted) if what.endswith(": longest")}
    right = {"Lookups: right", "Lookups: right when asked again", "SignIns: right", "SignIns: right when asked again", "imap: right"}
    assert set(counted) <= right, counted
    assert counted["Lookups: right"] > LOOKUPS * seconds / 4 and counted["SignIns: right"] > SIGN_INS * seconds / 4, counted
    assert counted["imap: right"] > TIMES and max(longest.values()) < load.PATIENCE, (counted, longest)


def daemon(machine):
    """The process id of provostd, as systemd has it; None while it has none."""
    shown = machine.run(["systemctl", "show", "--property=MainPID", "--value", "provostd.service"]).stdout.strip()
    return None if shown in ("", "0") else shown
