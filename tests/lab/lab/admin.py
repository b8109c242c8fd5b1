# SPDX-License-Identifier: Apache-2.0
"""The API of a mail host's admin socket, for tests that act faster than a command can be started."""

import http.client
import json
import socket

from lab import mail_host


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("provost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class NoAnswer(Exception):
    """The connection ended before the answer did: what was asked may be done or not."""


class Admin:
    """One connection at a time, kept while it lasts; so for one thread."""

    def __init__(self, machine, timeout=60, socket=mail_host.ADMIN_SOCKET):
        self._path = str(machine.path(socket))
        self._timeout = timeout
        self._connection = None

    def ask(self, method, target, body=None):
        """(status, object) of a request below /api/v1; NoAnswer where there is none."""
        status, text = self.ask_text(target, method, body)
        return status, json.loads(text or "{}")

    def ask_text(self, target, method="GET", body=None):
        """The same, as the text it is."""
        if self._connection is None:
            self._connection = _UnixConnection(self._path, self._timeout)
        sent = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            self._connection.request(method, "/api/v1" + target, sent, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as trouble:
            self.close()
            raise NoAnswer(f"{method} {target}: {trouble!r}") from trouble

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None
