# SPDX-License-Identifier: Apache-2.0
"""What provost-helper answers to a user of a machine."""

SOCKET = "/run/provost/helper.sock"
# One request and its answer, by whoever runs it.
ASK = f"""
import socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.settimeout(30)
peer.connect("{SOCKET}")
try:
    peer.sendall(sys.argv[1].encode())
except BrokenPipeError:
    pass  # it has answered before it was asked
print(peer.makefile().readline(), end="")
"""


def ask(machine, line, user="provost", check=True):
    """ask(machine, "remove-home UUID\\n").stdout: as the daemon's user, where none is named."""
    return machine.run(["python3", "-c", ASK, line], user=user, check=check)
