# SPDX-License-Identifier: Apache-2.0
"""The mail server of the rest of the world: takes what the host sends out, on port 25 of the stranger's network."""

import socket
import threading

from lab import machine, waiting


class World:
    """messages: (sender, recipients, text) of everything that arrived. refuse: what to say to RCPT instead of 250."""

    def __init__(self, of_machine):
        self.messages = []
        self.refuse = None
        with of_machine.world():
            self._listener = socket.create_server((machine.WORLD, 25))
        threading.Thread(target=self._serve, daemon=True).start()

    def wait_for(self, subject, seconds=15):
        def look():
            return next((message for message in list(self.messages) if subject in message[2]), None)

        return waiting.until(look, f"'{subject}' leaves for the rest of the world", seconds)

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        sender, recipients = "", []
        with connection, connection.makefile("rwb", buffering=0) as lines:
            lines.write(b"220 world.example.net\r\n")
            while line := lines.readline():
                verb, _, rest = line.decode(errors="replace").strip().partition(":")
                verb = verb.upper().split()
                if verb[:1] == ["DATA"]:
                    lines.write(b"354 go on\r\n")
                    self.messages.append((sender, recipients, self._text(lines)))
                    recipients = []
                elif verb[:1] == ["QUIT"]:
                    lines.write(b"221 bye\r\n")
                    return
                elif verb == ["RCPT", "TO"]:
                    if self.refuse:
                        lines.write(self.refuse.encode() + b"\r\n")
                        continue
                    recipients.append(rest.split(">")[0].lstrip(" <"))
                elif verb == ["MAIL", "FROM"]:
                    sender = rest.split(">")[0].lstrip(" <")
                lines.write(b"250 ok\r\n")

    @staticmethod
    def _text(lines):
        text = b""
        while (line := lines.readline()) not in (b".\r\n", b""):
            text += line.removeprefix(b".") if line.startswith(b"..") else line
        return text.decode(errors="replace")
