# SPDX-License-Identifier: Apache-2.0
"""Administrators who act all the while, and the ledger of what they were told: done, not done, or nothing."""

import collections
import threading

import askers
from lab import acts, admin, waiting
from lab.acts import Act

MAPS = {"domain": "domains", "mailbox": "mailboxes", "alias": "aliases"}
MAY_BE_DONE = "may have been done"


class Writer(acts.Actor):
    """An administrator with objects of his own. What he does not know the end of he leaves alone until it is settled."""

    mailboxes_set = 20
    most_objects = 40

    def __init__(self, site, number, seed, told):
        super().__init__(number, seed)
        self.open = {}  # (kind, name): the act without an answer
        self.touched = set()
        self.counts = collections.Counter()
        self._admin = admin.Admin(site.machine, timeout=20)
        self._lookups = askers.Lookups(site.path(askers.MAP))
        self._told = told
        self._perform(self._add("domain", self.domain))

    def close(self):
        self._admin.close()
        self._lookups.close()

    def come_anew(self):
        """Over a new connection: one to a daemon that is gone would be no answer, and no fault."""
        self._admin.close()

    def _is_free(self, key):
        return super()._is_free(key) and key not in self.open

    def act(self):
        """Some act; returns what was said: "done", "refused", "open"."""
        return self._perform(self._some_act())

    def end_one(self):
        """Disables some mailbox, and its sessions are ended; there is one more first, so that there is one."""
        name = self._some_mailbox()
        before = self.objects["mailbox", name]
        self._perform(Act("mailbox", name, "POST", f"/mailboxes/{name}/disable", {}, before, before | {"state": "suspended"}))

    def delete_one(self):
        name = self._some_mailbox()
        self._perform(Act("mailbox", name, "DELETE", f"/mailboxes/{name}", None, self.objects["mailbox", name], None))
        return name

    def purge(self, name):
        """What is left of a mailbox is removed; by work that goes on whatever is answered."""
        try:
            self._admin.ask("POST", f"/mailboxes/{name}/purge", {})
        except admin.NoAnswer:
            self.counts["no answer"] += 1

    def add_large(self):
        self._made += 1
        name = f"large{self._made}@{self.domain}"
        targets = [f"{'t' * 60}{i:03}@elsewhere.test" for i in range(200)]
        fields = {"description": "large", "targets": targets}
        return self._perform(Act("alias", name, "POST", "/aliases", {"address": name, **fields}, None, fields | {"enabled": True}))

    def remove_large(self):
        for (kind, name), fields in list(self.objects.items()):
            if name.startswith("large") and fields is not None and (kind, name) not in self.open:
                self._perform(Act(kind, name, "DELETE", f"/aliases/{name}", None, fields, None))

    def _some_mailbox(self):
        self.come_anew()
        self._made += 1
        name = f"m{self._made}@{self.domain}"
        said = self._perform(self._add("mailbox", name))
        assert said == "done", f"{name} could not be added: {said}"
        return name

    def settle(self):
        """Finds out what became of open acts: whole or not at all, or it is told."""
        for key, act in list(self.open.items()):
            found = self.look(*key, act.after or act.before)
            if found == act.after:
                self.counts["open, and done"] += 1
            elif found == act.before:
                self.counts["open, and not done"] += 1
            else:
                self._told(f"{act.method} {act.target} {act.name} without an answer: {differing(found, act.after)}")
            self.objects[key] = found
            del self.open[key]

    def compare(self, everything=False):
        """Looks whether all is as the ledger says; what was touched since the last time, or everything."""
        for key in list(self.objects if everything else self.touched):
            fields = self.objects.get(key)
            found = self.look(*key, fields or {"state" if key[0] == "mailbox" else "enabled": None})
            if found != fields:
                self._told(f"{key}: {differing(found, fields)}")
                self.objects[key] = found
        self.touched.clear()

    def look(self, kind, name, fields):
        """What the directory has under this name, of these fields; None where it has none."""
        status, found = waiting.until(lambda: self._ask_for(kind, name), f"somebody says what {kind} {name} is", 10)
        return acts.fields_of(status, found, fields)

    def _ask_for(self, kind, name):
        try:
            status, found = self._admin.ask("GET", f"{acts.PATHS[kind]}/{name}")
        except admin.NoAnswer:
            return None
        return (status, found) if status in (200, 404) else None

    def _perform(self, act):
        key = act.kind, act.name
        self.touched.add(key)
        try:
            status, answer = self._admin.ask(act.method, act.target, act.body)
        except admin.NoAnswer:
            return self._leave_open(act, "no answer")
        if status in (200, 201):
            self.objects[key] = act.after
            self.counts["done"] += 1
            if not answer.get("notes"):
                self._is_told(act)
            return "done"
        words = answer.get("detail", "")
        if status == 503 and MAY_BE_DONE not in words:
            self.counts["refused"] += 1
            return "refused"
        if status in (500, 503):
            return self._leave_open(act, f"{status}")
        self._told(f"{act.method} {act.target} {act.name} was answered {status} {answer}")
        return self._leave_open(act, f"{status}")

    def _leave_open(self, act, why):
        self.open[act.kind, act.name] = act
        self.counts[why] += 1
        return "open"

    def _is_told(self, act):
        """Who acted, and was told that it is answered from, finds that so."""
        try:
            answer = self._lookups.ask(f"{MAPS[act.kind]} {act.name}")
        except (OSError, EOFError, ValueError):
            return
        if answer is None:
            return
        gone = act.after is None or (act.kind == "alias" and not act.after["enabled"])
        if answer.startswith("NOTFOUND") != gone:
            self._told(f"after {act.method} {act.target} {act.name} was done, Postfix was told {answer!r}")


def differing(found, wanted):
    """In words: what is there, and what should be."""
    if not found or not wanted:
        return f"is {found}, and should be {wanted}"
    return "; ".join(f"{field} is {found[field]}, and should be {wanted[field]}" for field in wanted if found[field] != wanted[field])


class Ledger:
    """All writers. busy() has them act, each in a thread of its own."""

    def __init__(self, site, seed, told, writers=2):
        self.writers = [Writer(site, number, seed, told) for number in range(writers)]
        self._told = told

    def busy(self, until, least=2, most=20):
        """Until `until()` is true and each has acted `least` times; at most `most` times. Returns what they were told."""
        said = collections.Counter()

        def work(writer):
            writer.come_anew()
            try:
                for number in range(most):
                    if number >= least and until():
                        return
                    said[writer.act()] += 1
            except Exception as trouble:  # noqa: BLE001  (a thread's end is told to the test)
                self._told(f"{writer.domain}: {trouble!r}")

        threads = [threading.Thread(target=work, args=[writer]) for writer in self.writers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return said

    def some_writer(self, chance):
        chosen = chance.choice(self.writers)
        chosen.come_anew()
        return chosen

    def settle(self):
        for writer in self.writers:
            writer.come_anew()
            writer.settle()

    def compare(self, everything=False):
        for writer in self.writers:
            writer.compare(everything)

    def counts(self):
        return sum((writer.counts for writer in self.writers), collections.Counter())

    def close(self):
        for writer in self.writers:
            writer.close()
