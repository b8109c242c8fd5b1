# SPDX-License-Identifier: Apache-2.0
"""The API of a mail host over TCP, asked with a token from inside the machine or from the rest of its world."""

import contextlib
import http.client
import json
import ssl

from lab.init import ADDRESS

PORT = 8420


class Api:
    """A connection for each question. ca: a certificate inside the machine to believe, where TLS is spoken."""

    def __init__(self, machine, secret, ca=None, timeout=60):
        self._machine = machine
        self._secret = secret
        self._timeout = timeout
        self._tls = None
        if ca is not None:
            self._tls = ssl.create_default_context(cadata=machine.path(ca).read_text())

    def ask(self, method, target, body=None, forwarded=None, world=False):
        """(status, object) of a request below /api/v1."""
        host = ADDRESS if world else "127.0.0.1"
        headers = {"Authorization": f"Bearer {self._secret}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if forwarded is not None:
            headers["X-Forwarded-For"] = forwarded
        if self._tls is None:
            connection = http.client.HTTPConnection(host, PORT, timeout=self._timeout)
        else:
            connection = http.client.HTTPSConnection(host, PORT, timeout=self._timeout, context=self._tls)
        with contextlib.closing(connection):
            with self._machine.world() if world else self._machine.network():
                connection.connect()
            connection.request(method, "/api/v1" + target, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
