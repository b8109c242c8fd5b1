# SPDX-License-Identifier: Apache-2.0
"""provostd is killed again and again while administrators act: what was acknowledged is there, all else whole or not."""

import collections
import dataclasses
import os
import random
import threading
import time
import uuid

import pytest
from lab import acts, admin, doors as doors_module, waiting

ACTS = int(os.environ.get("PROVOST_DURABILITY_ACTS", "1000"))
SEED = int(os.environ.get("PROVOST_DURABILITY_SEED", random.randrange(2**32)))
WRITERS = 6
BETWEEN_KILLS = (5, 45)  # acknowledged acts
MAP = "socketmap:unix:/var/spool/postfix/provost/map:"


@dataclasses.dataclass(frozen=True)
class Account:
    address: str
    password: str


class Tally:
    """What all writers came to, and what the killer waits for."""

    def __init__(self, total):
        self._lock = threading.Lock()
        self._left = total
        self.acknowledged = 0
        self.unanswered_done = 0
        self.unanswered_not_done = 0
        self.troubles = []
        self.done = threading.Event()

    def next_act(self):
        with self._lock:
            self._left -= 1
            return self._left >= 0 and not self.troubles

    def count(self, what):
        with self._lock:
            setattr(self, what, getattr(self, what) + 1)

    def trouble(self, words):
        with self._lock:
            self.troubles.append(words)


class Writer(acts.Actor):
    """An administrator with names of its own, who knows what each of them has to be."""

    def __init__(self, machine, number, seed, tally):
        super().__init__(number, seed)
        self._admin = admin.Admin(machine)
        self._tally = tally

    def run(self):
        try:
            while self._tally.next_act():
                self._perform(self._some_act())
        except Exception as trouble:  # noqa: BLE001  (a thread's end is told to the test)
            self._tally.trouble(f"{self.domain}: {trouble!r}")
        finally:
            self._admin.close()

    def begin(self):
        self._perform(self._add("domain", self.domain))

    def _perform(self, act):
        try:
            status, answer = self._admin.ask(act.method, act.target, act.body)
        except admin.NoAnswer:
            return self._find_out(act)
        if status in (200, 201):
            self.objects[act.kind, act.name] = act.after
            return self._tally.count("acknowledged")
        raise AssertionError(f"{act} was answered {status} {answer}")

    def _find_out(self, act):
        found = waiting.until(lambda: self._look(act), f"provostd answers after {act}", 30)[0]
        if found == act.after:
            self._tally.count("unanswered_done")
        elif found == act.before:
            self._tally.count("unanswered_not_done")
        else:
            raise AssertionError(f"{act} was done in part: {found}")
        self.objects[act.kind, act.name] = found

    def _look(self, act):
        """A tuple of what there is; None while nobody answers."""
        try:
            return (look(self._admin, act.kind, act.name, act.after or act.before),)
        except admin.NoAnswer:
            return None


def look(asking, kind, name, fields):
    """What the directory has under this name, of these fields; None where it has none."""
    return acts.fields_of(*asking.ask("GET", f"{acts.PATHS[kind]}/{name}"), fields)


class Watcher:
    """Asks the servers all the while: they may say that they cannot tell, and never that a user is unknown or wrong."""

    def __init__(self, doors, user, tally, kills):
        self.answers = collections.Counter()
        self._kills = kills
        self._doors = doors
        self._user = user
        self._tally = tally

    def run(self):
        while not self._tally.done.is_set():
            for ask in (self._recipient, self._login):
                try:
                    ask()
                except Exception as trouble:  # noqa: BLE001  (a server in trouble is no answer)
                    self.answers[type(trouble).__name__] += 1

    def _recipient(self):
        session = self._doors.smtp()
        try:
            session.mail("stranger@example.net")
            code, words = session.rcpt(self._user.address)
            self.answers[code] += 1
            if code >= 500:
                self._tally.trouble(f"RCPT was answered {code} {words}")
        finally:
            doors_module.leave(session)

    def _login(self):
        began = time.monotonic()
        let_in = self._doors.signs_in("imap", self._user.address, self._user.password)
        self.answers[f"login {let_in}"] += 1
        # Dovecot 2.3 calls it wrong when its connection to the auth server ends in the middle of a login; 2.4 does not.
        if not let_in and not any(kill >= began - 1 for kill in list(self._kills)):
            self._tally.trouble("a right password was called wrong")


def kill_often(mail_host, tally, kills):
    """Waits each time until acts go on again, so that every life of the daemon is killed in the middle of some."""
    chance = random.Random(f"{SEED}/killer")
    try:
        while True:
            wanted = tally.acknowledged + chance.randint(*BETWEEN_KILLS)
            waiting.until(lambda at=wanted: tally.acknowledged >= at or tally.done.is_set(), "acts go on after a kill", 30)
            if tally.done.is_set():
                return
            if mail_host.provostd_process() is not None:
                kills.append(time.monotonic())
                mail_host.machine.run(["pkill", "-KILL", "-x", "provostd"], check=False)
    except Exception as trouble:  # noqa: BLE001  (a thread's end is told to the test)
        tally.trouble(f"killer: {trouble!r}")


def in_threads(*works):
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    return threads


@pytest.fixture(scope="module")
def aftermath(mail_host, doors):
    """The writers, after all acts were made and provostd was killed for the last time."""
    print(f"PROVOST_DURABILITY_SEED={SEED} PROVOST_DURABILITY_ACTS={ACTS}")
    tally, kills = Tally(ACTS), []
    watched = Account(f"watched-{uuid.uuid4().hex[:8]}@example.test", "correct-horse-7-battery")
    mail_host.provost("mailbox", "add", watched.address, "--password-stdin", input=f"{watched.password}\n")
    watcher = Watcher(doors, watched, tally, kills)
    writers = [Writer(mail_host.machine, number, SEED, tally) for number in range(WRITERS)]
    for writer in writers:
        writer.begin()
    began = time.monotonic()
    others = in_threads(lambda: kill_often(mail_host, tally, kills), watcher.run)
    for thread in in_threads(*(writer.run for writer in writers)):
        thread.join()
    took = time.monotonic() - began
    tally.done.set()
    for thread in others:
        thread.join()
    mail_host.signal_provostd("KILL")
    waiting.until(mail_host.answers, "provostd answers after the last kill", 30)
    print(f"{ACTS} acts in {took:.1f} s: {tally.acknowledged} acknowledged; without an answer "
          f"{tally.unanswered_done} done, {tally.unanswered_not_done} not; {len(kills)} kills; the servers said {dict(watcher.answers)}")
    assert not tally.troubles, "\n".join(tally.troubles)
    assert len(kills) >= ACTS / 100, "it was hardly ever killed"
    assert watcher.answers[250] and watcher.answers["login True"], watcher.answers
    return writers


def test_every_acknowledged_act_is_there_and_every_other_whole_or_not(mail_host, aftermath):
    asking = admin.Admin(mail_host.machine)
    wrong = []
    for writer in aftermath:
        for (kind, name), fields in writer.objects.items():
            found = look(asking, kind, name, fields or ["enabled" if kind != "mailbox" else "state"])
            if found != fields:
                wrong.append(f"{kind} {name}: should be {fields}, is {found}")
    assert not wrong, "\n".join(wrong)


def test_nothing_is_there_that_nobody_made(mail_host, aftermath):
    for writer in aftermath:
        for kind, mask in (("mailbox", f"*@{writer.domain}"), ("alias", f"*@{writer.domain}"), ("domain", f"*{writer.domain}")):
            listed = {item[acts.NAME_FIELD[kind]] for item in mail_host.provost_json(kind, "list", mask)["items"]}
            assert listed == {name for (of, name), fields in writer.objects.items() if of == kind and fields is not None}


def test_the_replica_is_what_the_record_says(mail_host, aftermath):
    shown = mail_host.provost_json("status", "--verify")
    assert shown["verify"] == {"equal": True, "differences": []}


def test_postfix_is_told_what_the_acts_made(mail_host, aftermath):
    def told(name, keys):
        answers = mail_host.machine.run(["postmap", "-q", "-", MAP + name], check=False, input="\n".join(keys) + "\n").stdout
        return dict(line.split("\t", 1) for line in answers.splitlines())

    every = {key: fields for writer in aftermath for key, fields in writer.objects.items()}
    domains = {name for (kind, name), fields in every.items() if kind == "domain" and fields is not None}
    assert set(told("domains", [name for kind, name in every if kind == "domain"])) == domains

    mailboxes = {name for (kind, name), fields in every.items() if kind == "mailbox" and fields is not None}
    assert set(told("mailboxes", [name for kind, name in every if kind == "mailbox"])) == mailboxes

    on = {name: fields for (kind, name), fields in every.items() if kind == "alias" and fields is not None and fields["enabled"]}
    found = told("aliases", [name for kind, name in every if kind == "alias"])
    assert {name: sorted(targets.split(",")) for name, targets in found.items()} == {
        name: sorted(fields["targets"]) for name, fields in on.items()}


def test_the_servers_go_on_by_themselves(mail_host, doors, new_user, aftermath):
    user = new_user("after")
    for door in ("imap", "pop3", "sieve", "submission"):
        assert doors.signs_in(door, user.address, user.password)
    message = doors_module.letter("stranger@example.net", user.address)
    session = doors.smtp()
    assert doors_module.send(session, "stranger@example.net", [user.address], message).code == 250
    session.quit()

    def has_arrived():
        # A process that lost its connection with the last kill puts the letter off once, and Postfix tries it again
        # in its own time.
        mail_host.flush_queue()
        return message["Subject"] in user.mailbox.subjects()

    waiting.until(has_arrived, "the letter arrives", 15)
