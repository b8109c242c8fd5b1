# SPDX-License-Identifier: Apache-2.0
"""Random lifecycles, several at once: whatever is done in whatever order, no message is in the wrong hands or lost.

The checker knows which mailbox, by its id, each message was sent to, and looks into the homes themselves; what a door
shows to whoever signs in is compared with that at the end.
"""

import concurrent.futures
import dataclasses
import os
import random
import threading
import uuid

from lab import admin, waiting

LIFECYCLES = int(os.environ.get("PROVOST_LIFECYCLES", "10"))
SEED = int(os.environ.get("PROVOST_LIFECYCLES_SEED", random.randrange(2**32)))
AT_ONCE = 5
STEPS = 14
MAIL_ROOT = "/var/vmail"


@dataclasses.dataclass(eq=False)
class Mailbox:
    """A mailbox from its making to its purge, whatever it is called meanwhile."""

    id: str
    home: str
    name: str
    password: str
    on: bool = True
    owned: set = dataclasses.field(default_factory=set)  # subjects of what was delivered to it
    perhaps: set = dataclasses.field(default_factory=set)  # of what was sent while an act was under way


class Lifecycle:
    """Three addresses, and what becomes of them."""

    def __init__(self, number, machine, post, doors):
        self.random = random.Random(f"{SEED}/{number}")
        mark = uuid.uuid4().hex[:8]
        self.names = [f"{letter}-{mark}@example.test" for letter in "abc"]
        self.live = {}  # name: Mailbox
        self.deleted = []  # in the order of their deletion
        self.purged = []
        self.aliases = {}  # address: the name it leads to
        self.log = []
        self._number = number
        self._machine = machine
        self._post = post
        self._doors = doors
        self._admin = admin.Admin(machine)
        self._made = 0

    def run(self):
        try:
            self.create()
            for _ in range(STEPS):
                self.random.choice(self._possible())()
                self.check_homes()
            self.check_doors()
        except Exception as trouble:
            steps = "\n".join(self.log)
            raise AssertionError(f"PROVOST_LIFECYCLES_SEED={SEED}, lifecycle {self._number}: {trouble!r}\n{steps}") from trouble
        finally:
            self._admin.close()

    def all_mailboxes(self):
        return [*self.live.values(), *self.deleted, *self.purged]

    # What may be done next.

    def _possible(self):
        steps = [self.mail, self.mail]
        if self._free_names():
            steps += [self.create, self.create]
        if self.live:
            steps += [self.delete, self.delete, self.switch, self.mail_meanwhile, self.mail_meanwhile]
            if self._free_names():
                steps += [self.rename, self.rename]
        if self.deleted:
            steps += [self.restore, self.restore, self.purge]
        if self.aliases:
            steps.append(self.drop_alias)
        return steps

    def _free_names(self):
        return [name for name in self.names if name not in self.live and name not in self.aliases]

    def _ask(self, method, target, body=None, expect=(200, 201)):
        status, answer = self._admin.ask(method, target, body)
        self.log.append(f"  {method} {target} {body or ''} -> {status} {answer.get('detail') or answer.get('notes') or ''}")
        assert status in expect, f"{method} {target} {body} was answered {status} {answer}"
        proof = answer.get("proof")
        assert not proof or proof["complete"], proof
        return answer

    # The steps.

    def create(self):
        name = self.random.choice(self._free_names())
        self._made += 1
        password = f"correct-horse-{self._number}-{self._made}-battery"
        body = {"name": name, "password": password}
        old = [mailbox for mailbox in self.deleted if mailbox.name == name]
        if old:
            refused = self._ask("POST", "/mailboxes", body, expect=(409,))
            assert refused["field"] == "old_mailbox", refused
            if self.random.random() < 0.4:
                self._ask("POST", "/mailboxes", body | {"old_mailbox": "adopt"})
                self.deleted.remove(old[-1])
                old[-1].password, old[-1].on = password, True
                self.live[name] = old[-1]
                return
            body["old_mailbox"] = "set-aside"
        self._ask("POST", "/mailboxes", body)
        shown = self._ask("GET", f"/mailboxes/{name}")
        assert shown["id"] not in {mailbox.id for mailbox in self.all_mailboxes()}
        self.live[name] = Mailbox(shown["id"], shown["store"]["name"], name, password)

    def mail(self):
        name = self.random.choice(self.names)
        owner = self.live.get(self.aliases.get(name, name))
        letter = self._post.from_stranger(name)
        self.log.append(f"  mail {letter.subject} to {name} -> {letter.answer}")
        if owner is None:
            assert letter.answer.startswith("550 5.1.1 "), letter.answer
        elif not owner.on:
            assert letter.answer.startswith("550 5.2.1 "), letter.answer
        else:
            letter.settle()
            owner.owned.add(letter.subject)

    def mail_meanwhile(self):
        """A letter is under way while something happens to its recipient."""
        owner = self.random.choice(list(self.live.values()))
        sent = []
        sending = threading.Thread(target=lambda: sent.append(self._post.from_stranger(owner.name)))
        sending.start()
        steps = [self.delete, self.switch] + ([self.rename] if self._free_names() else [])
        self.random.choice(steps)(owner)
        sending.join()
        self.log.append(f"  meanwhile mail {sent[0].subject} -> {sent[0].answer}")
        if sent[0].said.code == 250:
            sent[0].settle()
        owner.perhaps.add(sent[0].subject)

    def rename(self, mailbox=None):
        mailbox = mailbox or self.random.choice(list(self.live.values()))
        old, new, keep = mailbox.name, self.random.choice(self._free_names()), self.random.random() < 0.3
        self._ask("POST", f"/mailboxes/{old}/rename", {"to": new, "keep_address": keep})
        mailbox.name = new
        self.live[new] = self.live.pop(old)
        for address, target in self.aliases.items():
            if target == old:
                self.aliases[address] = new
        if keep:
            self.aliases[old] = new

    def switch(self, mailbox=None):
        mailbox = mailbox or self.random.choice(list(self.live.values()))
        self._ask("POST", f"/mailboxes/{mailbox.name}/{'disable' if mailbox.on else 'enable'}", {})
        mailbox.on = not mailbox.on

    def delete(self, mailbox=None):
        mailbox = mailbox or self.random.choice(list(self.live.values()))
        self._ask("DELETE", f"/mailboxes/{mailbox.name}")
        self.deleted.append(self.live.pop(mailbox.name))

    def restore(self):
        mailbox = self.random.choice(self.deleted)
        body, target = {"id": mailbox.id}, mailbox.name
        if target not in self._free_names():
            refused = self._ask("POST", f"/mailboxes/{mailbox.name}/restore", body, expect=(409,))
            assert "--as" in refused["detail"], refused
            target = f"back-{uuid.uuid4().hex[:8]}@example.test"
            self.names.append(target)
            body["as"] = target
        self._ask("POST", f"/mailboxes/{mailbox.name}/restore", body)
        self.deleted.remove(mailbox)
        mailbox.name = target
        self.live[target] = mailbox

    def purge(self):
        mailbox = self.random.choice(self.deleted)
        self._ask("POST", f"/mailboxes/{mailbox.name}/purge", {"id": mailbox.id})
        self.deleted.remove(mailbox)
        self.purged.append(mailbox)
        home = self._machine.path(f"{MAIL_ROOT}/{mailbox.home}")
        waiting.until(lambda: not home.exists(), f"the home of {mailbox.id} is removed")

    def drop_alias(self):
        address = self.random.choice(list(self.aliases))
        self._ask("DELETE", f"/aliases/{address}")
        del self.aliases[address]

    # What has to hold at all times.

    def check_homes(self):
        for mailbox in [*self.live.values(), *self.deleted]:
            found = subjects_in(self._machine.path(f"{MAIL_ROOT}/{mailbox.home}"))
            assert mailbox.owned <= found, f"{mailbox} lost {mailbox.owned - found}"
            assert found <= mailbox.owned | mailbox.perhaps, f"{mailbox} holds {found - mailbox.owned} of others"

    def check_doors(self):
        for mailbox in self.live.values():
            assert self._doors.signs_in("imap", mailbox.name, mailbox.password) == mailbox.on, mailbox
            if mailbox.on:
                seen = set(self._doors.mailbox(mailbox.name, mailbox.password).subjects())
                assert mailbox.owned <= seen <= mailbox.owned | mailbox.perhaps, (mailbox, seen)
        for mailbox in self.deleted:
            assert not self._doors.signs_in("imap", mailbox.name, mailbox.password), mailbox


def subjects_in(home):
    """Of all messages in this home; Dovecot may move one from new to cur at any time."""
    def look():
        found = set()
        for folder in ("new", "cur"):
            place = home / "Maildir" / folder
            for file in place.iterdir() if place.is_dir() else ():
                lines = file.read_text(errors="replace").splitlines()
                found.add(next(line.removeprefix("Subject: ") for line in lines if line.startswith("Subject: ")))
        return (found,)

    return waiting.until(look, f"{home} can be read")[0]


def test_whatever_is_done_in_whatever_order_mail_stays_whose_it_is(machine, post, doors_from_abroad):
    print(f"PROVOST_LIFECYCLES_SEED={SEED} PROVOST_LIFECYCLES={LIFECYCLES}", flush=True)
    lifecycles = [Lifecycle(number, machine, post, doors_from_abroad) for number in range(LIFECYCLES)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as hands:
        for done in concurrent.futures.as_completed([hands.submit(one.run) for one in lifecycles]):
            done.result()

    mailboxes = [mailbox for one in lifecycles for mailbox in one.all_mailboxes()]
    owner = {subject: mailbox.id for mailbox in mailboxes for subject in mailbox.owned | mailbox.perhaps}
    for home in machine.path(MAIL_ROOT).glob("*/*"):
        for subject in subjects_in(home):
            assert owner.get(subject, home.name) == home.name, f"{subject} of {owner[subject]} is in {home.name}"
    purged = sum(len(one.purged) for one in lifecycles)
    print(f"{len(mailboxes)} mailboxes, {purged} of them purged; {len(owner)} messages", flush=True)
