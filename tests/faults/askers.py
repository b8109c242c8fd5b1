# SPDX-License-Identifier: Apache-2.0
"""Who asks all the while what he knows the answer to: Postfix's lookups, and sign-ins with right and wrong passwords.

"Cannot tell" is an answer that is counted; any answer but the right one is a lie.
"""

import base64
import collections
import socket
import threading
import time

MAP = "/var/spool/postfix/provost/map"
AUTH = "/run/dovecot/login/provost/auth"
PATIENCE = 15  # seconds for one answer
PAUSE = 0.01


class Line:
    """A connection to a socket of provostd, made anew when it ends. OSError and EOFError where there is no answer."""

    def __init__(self, path):
        self._path = str(path)
        self._socket = self._lines = None

    def close(self):
        if self._socket is not None:
            self._lines.close()
            self._socket.close()
            self._socket = None

    def __enter__(self):
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(PATIENCE)
            self._lines = self._socket.makefile("rb")
            self._socket.connect(self._path)
            self.greet()
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.close()

    def greet(self):
        """What is said before the first question."""

    def send(self, text):
        self._socket.sendall(text.encode())

    def until(self, end):
        found = b""
        while not found.endswith(end):
            byte = self._lines.read(1) if end == b":" else self._lines.readline()
            if not byte:
                raise EOFError(f"{self._path} was closed")
            found += byte
        return found.decode()

    def exactly(self, size):
        found = self._lines.read(size)
        if len(found) < size:
            raise EOFError(f"{self._path} was closed")
        return found.decode()


class Lookups(Line):
    def ask(self, question):
        """"OK ...", "NOTFOUND ", or None for "cannot tell"."""
        with self:
            self.send(f"{len(question.encode())}:{question},")
            answer = self.exactly(int(self.until(b":")[:-1]) + 1)[:-1]
        return None if answer.startswith(("TEMP ", "TIMEOUT ")) else answer


class SignIns(Line):
    def __init__(self, path, process):
        super().__init__(path)
        self._process = process
        self._last = 0

    def greet(self):
        self.send(f"VERSION\t1\t2\nCPID\t{self._process}\n")
        while self.until(b"\n") != "DONE\n":
            continue

    def ask(self, question):
        """"OK", "FAIL" for a wrong password, "FAIL code", or None for "cannot tell"."""
        address, password, network = question
        words = base64.b64encode(f"\0{address}\0{password}".encode()).decode()
        with self:
            self._last += 1
            self.send(f"AUTH\t{self._last}\tPLAIN\tservice=imap\tnologin\trip={network}\tlip=192.0.2.1\tsecured\tresp={words}\n")
            answer = self.until(b"\n").rstrip("\n").split("\t")
        codes = [word[5:] for word in answer[2:] if word.startswith("code=")]
        if "temp_fail" in codes:
            return None
        return " ".join([answer[0], *codes])


class Asker:
    """Puts its questions in turn until it is stopped, over one line that is kept."""

    def __init__(self, line, questions, told):
        self._line = line
        self._questions = questions  # {question: the right answer}
        self._told = told
        self.answers = collections.Counter()
        self.last_right = dict.fromkeys(questions, 0.0)
        self.last_trouble = ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._stop = threading.Event()
        self._thread.start()

    def stop(self):
        self._stop.set()
        self._thread.join()
        self._line.close()

    def all_right_since(self, moment):
        return all(last > moment for last in self.last_right.values())

    def _run(self):
        while True:
            for question, right in self._questions.items():
                began = time.monotonic()
                self._ask(question, right, began)
                if self._stop.wait(PAUSE):
                    return

    def _ask(self, question, right, began):
        try:
            answer = self._line.ask(question)
        except (OSError, EOFError, ValueError) as trouble:
            self.answers["no answer"] += 1
            self.last_trouble = f"{question}: {trouble!r}"
            return
        if answer is None:
            self.answers["cannot tell"] += 1
            self.last_trouble = f"{question}: cannot tell"
        elif answer == right:
            self.answers["right"] += 1
            self.last_right[question] = began
        else:
            self.answers["wrong"] += 1
            self._told(f"{question} was answered {answer!r} instead of {right!r}")
