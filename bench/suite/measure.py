# SPDX-License-Identifier: Apache-2.0
"""Figures: medians of rounds in turn, beside a peer's, and what is asked of them. No I/O but print."""

import dataclasses
import json
import re
import statistics

ASK = re.compile(r"(ours|ratio) (>=|<=|<|=) ([0-9.]+)")


@dataclasses.dataclass
class Series:
    """What one thing gave in each round."""

    values: list

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def spread(self):
        return min(self.values), max(self.values)


@dataclasses.dataclass
class Row:
    """ours and peer: Series; peer is None where nobody else does this. ask: "ratio >= 5", "ours < 10", or None.

    ratio is ours divided by the peer's, whichever of the two is better when it is larger.
    """

    what: str
    unit: str
    ours: Series
    peer: Series = None
    peer_name: str = None
    ask: str = None

    @property
    def ratio(self):
        if self.peer is None or self.peer.median == 0:
            return None
        return self.ours.median / self.peer.median

    @property
    def is_met(self):
        """None where nothing is asked."""
        if self.ask is None:
            return None
        of, how, bound = ASK.fullmatch(self.ask).groups()
        value, bound = (self.ours.median if of == "ours" else self.ratio), float(bound)
        if value is None:
            return False
        return {">=": value >= bound, "<=": value <= bound, "<": value < bound, "=": value == bound}[how]

    def as_json(self):
        return {
            "what": self.what, "unit": self.unit, "ours": rounded(self.ours.median),
            "peer": rounded(self.peer.median) if self.peer else None, "peer_name": self.peer_name,
            "ratio": rounded(self.ratio) if self.ratio is not None else None, "ask": self.ask,
        }

    def as_kept(self):
        """The same, with what a report shows besides."""
        return {**self.as_json(), "met": self.is_met, "ours_spread": [rounded(value) for value in self.ours.spread],
                "peer_spread": [rounded(value) for value in self.peer.spread] if self.peer else None}


def dump(what, file):
    with open(file, "w", encoding="utf-8") as out:
        json.dump(what, out, indent=1)
        out.write("\n")


def write_json(benches, file):
    """The rows of one bench, or of several by name."""
    if len(benches) == 1:
        benches[0].write(file)
    else:
        dump({bench.name: bench.as_json() for bench in benches}, file)


def rounded(value):
    """To four figures, which is more than any measurement is good for."""
    return value if isinstance(value, int) else float(f"{value:.4g}")


def shown(value):
    if value >= 1000:
        return f"{value:,.0f}"
    if value == int(value):
        return f"{value:.0f}"
    return f"{value:.3g}"


class Bench:
    """One bench while it runs: its series, the rows made of them, and what has to be said about them.

    quick: smaller figures, for those who work on the bench itself; nothing is judged then.
    """

    def __init__(self, name, rounds=3, quick=False, host="", say=print):
        self.name = name
        self.host = host
        self.rounds = rounds
        self.quick = quick
        self.rows = []
        self.notes = []
        self.say = say

    def pick(self, full, quick):
        return quick if self.quick else full

    def in_turn(self, measured, times=1):
        """{name: function} becomes {name: Series}: each is run once a round, in the other order every second round.

        times: so many rounds for each of the bench's, where one is over in a second.
        """
        found = {name: [] for name in measured}
        rounds = self.rounds * times
        for number in range(rounds):
            names = list(measured) if number % 2 == 0 else list(reversed(measured))
            for name in names:
                found[name].append(measured[name]())
                self.say(f"  {number + 1}/{rounds}  {name}: {shown(found[name][-1])}")
        return {name: Series(values) for name, values in found.items()}

    def row(self, what, unit, ours, peer=None, peer_name=None, ask=None):
        as_series = [value if value is None or isinstance(value, Series) else Series([value]) for value in (ours, peer)]
        self.rows.append(Row(what, unit, *as_series, peer_name, None if self.quick else ask))
        self.say(sentence(self.rows[-1]))

    def note(self, text):
        self.notes.append(text)
        self.say(f"  note: {text}")

    @property
    def missed(self):
        return [row for row in self.rows if row.is_met is False]

    def as_json(self):
        return {"bench": self.name, "rows": [row.as_json() for row in self.rows]}

    def as_kept(self):
        return {"bench": self.name, "host": self.host, "rounds": self.rounds, "quick": self.quick, "notes": self.notes,
                "rows": [row.as_kept() for row in self.rows]}

    def write(self, file, kept=False):
        dump(self.as_kept() if kept else self.as_json(), file)


def sentence(row):
    """One line of what a run prints."""
    parts = [f"{row.what}: {with_spread(row.ours)} {row.unit}"]
    if row.peer is not None:
        parts.append(f"{row.peer_name} {with_spread(row.peer)}, ratio {shown(row.ratio) if row.ratio else '-'}")
    if row.ask is not None:
        parts.append(f"asked {row.ask}: {'met' if row.is_met else 'MISSED'}")
    return "; ".join(parts)


def with_spread(series):
    low, high = series.spread
    return shown(series.median) if low == high else f"{shown(series.median)} ({shown(low)} to {shown(high)})"
