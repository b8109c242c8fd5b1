# SPDX-License-Identifier: Apache-2.0
"""Acts by chance over the API, and what each of them comes to: for tests whose administrators know what has to be there."""

import dataclasses
import random
import uuid

PATHS = {"domain": "/domains", "mailbox": "/mailboxes", "alias": "/aliases"}
NAME_FIELD = {"domain": "name", "mailbox": "name", "alias": "address"}


@dataclasses.dataclass(frozen=True)
class Act:
    """One request, and what its object is to be afterwards: fields, or None for gone."""

    kind: str
    name: str
    method: str
    target: str
    body: dict | None
    before: dict | None
    after: dict | None


def fields_of(status, found, fields):
    """What an answer to GET says of these fields; None where there is nothing of that name."""
    if status == 404 or (status == 200 and found.get("state") == "deleted"):
        return None
    assert status == 200, f"{status} {found}"
    return {field: found[field] for field in fields}


class Actor:
    """An administrator with a domain of its own, who keeps what each of its objects has to be."""

    mailboxes_set = 8  # times, where one is ended once
    most_objects = None  # then there is no more to add, where that is bounded

    def __init__(self, number, seed):
        self.domain = f"w{number}-{uuid.uuid4().hex[:6]}.test"
        self.objects = {}  # (kind, name): fields, or None for deleted
        self._random = random.Random(f"{seed}/{number}")
        self._made = 0

    def _is_free(self, key):
        """Whether this object may be acted on."""
        return key != ("domain", self.domain)

    def _some_act(self):
        there = [key for key, fields in self.objects.items() if fields is not None and self._is_free(key)]
        may_add = self.most_objects is None or len(there) < self.most_objects
        if not there or (may_add and self._random.random() < 0.4):
            self._made += 1
            kind = self._random.choices(["domain", "mailbox", "alias"], [1, 4, 4])[0]
            name = f"d{self._made}.{self.domain}" if kind == "domain" else f"{kind[0]}{self._made}@{self.domain}"
            return self._add(kind, name)
        kind, name = self._random.choice(there)
        return self._change(kind, name, self.objects[kind, name])

    def _add(self, kind, name):
        fields = self._fields(kind)
        after = dict(fields) | ({"state": "active"} if kind == "mailbox" else {"enabled": True})
        return Act(kind, name, "POST", PATHS[kind], {NAME_FIELD[kind]: name, **fields}, None, after)

    def _change(self, kind, name, before):
        target = f"{PATHS[kind]}/{name}"
        on = before["state"] == "active" if kind == "mailbox" else before["enabled"]
        # Ending a mailbox is proved at the servers' doors, which takes its time.
        verb = self._random.choices(["set", "switch", "delete"], [self.mailboxes_set, 1, 1] if kind == "mailbox" else [3, 2, 2])[0]
        if verb == "set":
            fields = self._fields(kind)
            return Act(kind, name, "PATCH", target, fields, before, before | fields)
        if verb == "delete":
            return Act(kind, name, "DELETE", target, None, before, None)
        to = {"state": "suspended" if on else "active"} if kind == "mailbox" else {"enabled": not on}
        return Act(kind, name, "POST", f"{target}/{'disable' if on else 'enable'}", {}, before, before | to)

    def _fields(self, kind):
        """Several that only make sense together: one that is there without the other is seen."""
        mark = self._random.randrange(1, 10**6)
        if kind == "domain":
            return {"description": f"note {mark}", "max_mailboxes": mark}
        if kind == "mailbox":
            return {"display_name": f"User {mark}", "quota_messages": mark,
                    "forwards": [f"f{mark}@elsewhere.test"] if mark % 3 == 0 else [], "keep_copy": True}
        return {"description": f"note {mark}", "targets": [f"t{mark}-{i}@elsewhere.test" for i in range(1 + mark % 4)]}
