# SPDX-License-Identifier: Apache-2.0
"""What is below /etc of a machine, so that it can be compared with what was there before."""

FACTS = r"find /etc -printf '%p\t%y %m %U %G %l\n'"
BYTES = "find /etc -type f -exec sha256sum {} +"


def look(machine):
    """{path: kind, mode, owner, where a link leads, and for a file a digest of its bytes}"""
    found = dict(line.split("\t") for line in machine.run(["sh", "-c", FACTS]).stdout.splitlines())
    for line in machine.run(["sh", "-c", BYTES]).stdout.splitlines():
        digest, _, path = line.partition("  ")
        found[path] += f" {digest}"
    return found


def differences(before, after):
    """(what came, what went, what is otherwise now), each a set of paths."""
    both = before.keys() & after.keys()
    return after.keys() - before.keys(), before.keys() - after.keys(), {path for path in both if before[path] != after[path]}
