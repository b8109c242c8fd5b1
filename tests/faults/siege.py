# SPDX-License-Identifier: Apache-2.0
"""One fault after the other on one site, and what must hold after each."""

import collections
import contextlib
import random
import threading
import time

import askers
import ledger
import mail_site
from lab import waiting

ANSWERS_WITHIN = 5  # seconds after a fault is over, for every question
MOST_WORDS = 700  # of a violation
WELL_WITHIN = 15  # for all else: what is put off after failures is tried again at ever longer times


class Siege:
    """log: a file for a line about each fault."""

    def __init__(self, site, seed, log):
        self.site = site
        self.seed = seed
        self.chance = random.Random(seed)
        self.struck = collections.Counter()
        self.missed = collections.Counter()
        self.slowest = {}
        self.spent = collections.Counter()
        self.violations = []
        self.log = open(log, "w")
        self.fault = "at the beginning"
        self.older_copy = f"{mail_site.STATE}/older"
        self._lines = 0
        self._make_site()
        self.ledger = ledger.Ledger(site, seed, self.tell)
        self.ledger.busy(lambda: False, least=15, most=15)
        site.sh(f"cp -a {mail_site.STATE}/replica {self.older_copy}")
        self.askers = [askers.Asker(self.lookups(), self._lookups(), self.tell), askers.Asker(self.sign_ins(), self._sign_ins(), self.tell),
                       askers.Asker(self.lookups(), self._lookups(), self.tell)]
        self.wait_for_answers(time.monotonic())

    def _make_site(self):
        site = self.site
        for name in ("good", "off"):
            site.provost("mailbox", "add", f"{name}@{mail_site.DOMAIN}", "--password-stdin", input=f"{mail_site.PASSWORD}\n")
        site.provost("alias", "add", f"list@{mail_site.DOMAIN}", f"good@{mail_site.DOMAIN}", "friend@elsewhere.test")
        site.provost("mailbox", "disable", f"off@{mail_site.DOMAIN}")

    def _lookups(self):
        good, off, nobody, some = (f"{name}@{mail_site.DOMAIN}" for name in ("good", "off", "nobody", "list"))
        line = self.lookups()
        questions = {f"domains {mail_site.DOMAIN}": "OK ", f"mailboxes {good}": "OK ", f"mailboxes {off}": "OK ",
                     f"mailboxes {nobody}": "NOTFOUND ", f"aliases {some}": "OK good@", f"aliases {nobody}": "NOTFOUND ",
                     f"access {off}": "OK 550 5.2.1", f"access {good}": "NOTFOUND ", f"senders {good}": "OK "}
        told = {question: line.ask(question) for question in questions}
        line.close()
        for question, begins in questions.items():
            assert told[question].startswith(begins), f"{question}: {told[question]}"
        return told

    def _sign_ins(self):
        good, off, nobody = (f"{name}@{mail_site.DOMAIN}" for name in ("good", "off", "nobody"))
        return {(good, mail_site.PASSWORD, "192.0.2.7"): "OK", (off, mail_site.PASSWORD, "192.0.2.7"): "FAIL user_disabled",
                (good, "wrong-password-1", "192.0.2.8"): "FAIL", (nobody, "wrong-password-1", "192.0.2.9"): "FAIL"}

    def lookups(self):
        return askers.Lookups(self.site.path(askers.MAP))

    def sign_ins(self):
        self._lines += 1
        return askers.SignIns(self.site.path(askers.AUTH), self._lines)

    def tell(self, words):
        self.violations.append(f"{self.fault}: {words}"[:MOST_WORDS])
        self.log.write(f"VIOLATION {self.violations[-1]}\n")

    def note(self, words):
        """What chance chose, for whoever reads of a violation."""
        self.fault += f", {words}"

    # For kinds.

    @contextlib.contextmanager
    def acting_meanwhile(self, until, most):
        thread = threading.Thread(target=lambda: self.ledger.busy(until, most=most))
        thread.start()
        try:
            yield
        finally:
            thread.join()

    def strangers_come(self, lines):
        """Connections over which nothing is asked yet; some more than there are descriptors."""
        for _ in range(5):
            line = self.lookups()
            lines.callback(line.close)
            with contextlib.suppress(OSError):
                line.__enter__()

    def askers_wait(self):
        """Until each has put a question that is not answered."""
        seen = []

        def unchanged():
            seen.append([asker.answers.total() for asker in self.askers])
            return seen[-1:] == seen[-2:-1]

        waiting.until(unchanged, "askers wait", 5)

    def answers_go_on(self, while_what):
        """All questions are answered, although the fault lasts."""
        self.wait_for_answers(time.monotonic(), f"answers go on while {while_what}")

    def wait_for_answers(self, since, what="every question is answered right again"):
        try:
            waiting.until(lambda: all(asker.all_right_since(since) for asker in self.askers), what, ANSWERS_WITHIN)
        except AssertionError as late:
            raise AssertionError(f"{late}; {[asker.last_trouble for asker in self.askers]}") from late

    # The siege itself.

    def attack(self, number, kind):
        self.fault = f"fault {number}, {kind.name}"
        began, struck = time.monotonic(), None
        try:
            struck = kind.strike(self)
            lifted = time.monotonic()
            self.wait_for_answers(lifted)
            self._wait_until_well()
            took = time.monotonic() - lifted
            self.slowest[kind.name] = max(took, self.slowest.get(kind.name, 0))
            (self.struck if struck else self.missed)[kind.name] += 1
        except Exception as trouble:  # noqa: BLE001  (what is wrong is told, and the siege goes on with a new daemon)
            self.tell(f"{trouble!r}")
            self._begin_anew()
        took = time.monotonic() - began
        self.spent[kind.name] += took
        self.log.write(f"{self.fault}: {took:.1f} s, {'struck' if struck else 'missed'}\n")
        self.log.flush()

    def _wait_until_well(self):
        waiting.until(lambda: self.ledger.some_writer(self.chance).act() == "done", "acts are done again", WELL_WITHIN)
        self.ledger.settle()
        self.ledger.compare()
        self._verify()
        waiting.until(lambda: self.site.status()["work"]["pending"] == 0, "no work is left", WELL_WITHIN)

    def _verify(self):
        shown = waiting.until(lambda: self.site.status(verify=True), "the copy is compared", WELL_WITHIN)
        if not shown["verify"]["equal"]:
            self.tell(f"the copy is another than the record: {shown['verify']['differences']}")
        copies = [file.name for file in self.site.path(f"{mail_site.STATE}/replica").glob("copy-*.mdb")]
        if len(copies) != 1:
            self.tell(f"copies were left behind: {copies}")
        for where in ("record", "replica"):
            if shown[where]["trouble"]:
                self.tell(f"status says of the {where}: {shown[where]['trouble']}")

    def _begin_anew(self):
        self.site.faulty.lift()
        self.site.empty_disk()
        self.site.restart()

    def end(self):
        """Everything is compared once more, after the last fault and a last restart."""
        self.fault = "at the end"
        try:
            self._wait_until_well()
            self.site.restart()
            self._wait_until_well()
            self.ledger.compare(everything=True)
        except Exception as trouble:  # noqa: BLE001  (it is one violation more)
            self.tell(f"{trouble!r}")
        for asker in self.askers:
            asker.stop()
        self.ledger.close()
        self.log.close()

    def report(self):
        lines = [f"{'kind':50} {'struck':>6} {'missed':>6} {'well in':>8} {'spent':>8}"]
        for name in sorted({*self.struck, *self.missed}):
            lines.append(f"{name:50} {self.struck[name]:6} {self.missed[name]:6} {self.slowest.get(name, 0):7.1f}s {self.spent[name]:7.1f}s")
        answers = sum((asker.answers for asker in self.askers), collections.Counter())
        return "\n".join([*lines, f"in all {self.struck.total()} struck, {self.missed.total()} did not",
                          f"acts: {dict(self.ledger.counts())}", f"answers: {dict(answers)}", *self.violations])
