# SPDX-License-Identifier: Apache-2.0
"""Bars: of each row ours, the peer's below it, and a mark where the ask stands. Each row has a scale of its own."""

import html

from suite.measure import ASK, shown

WIDTH, LEFT, BAR, ROW, MARGIN = 1000, 370, 260, 46, 16
OURS, PEER, MARK, TEXT, PAPER = "#2f6f9f", "#b9b4aa", "#b3402a", "#22262b", "#ffffff"


def drawn(rows):
    """The picture as SVG. rows: as Row.as_kept gives them; those in which everything is nothing are left out."""
    rows = [row for row in rows if row["ours"] or row["peer"]]
    height = 2 * MARGIN + ROW * len(rows)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">',
             f'<rect width="100%" height="100%" fill="{PAPER}"/>']
    for number, row in enumerate(rows):
        parts += group(row, MARGIN + ROW * number)
    return "\n".join([*parts, "</svg>"]) + "\n"


def group(row, top):
    bound = mark_of(row)
    scale = max(row["ours"], row["peer"] or 0, bound or 0) or 1
    middle = top + (15 if row["peer"] is None else 22)
    yield text(LEFT - 12, middle, row["what"], "end")
    yield from bar(top + 4, row["ours"] / scale, OURS, f"{shown(row['ours'])} {row['unit']}", (bound or 0) / scale)
    if row["peer"] is not None:
        yield from bar(top + 22, row["peer"] / scale, PEER, f"{shown(row['peer'])}  {row['peer_name']}")
    if bound is not None:
        at = LEFT + BAR * bound / scale
        yield f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top + 1}" y2="{top + 21}" stroke="{MARK}" stroke-width="2"/>'


def mark_of(row):
    """Where on our bar's scale the ask stands; None where nothing is asked, or nothing but "none"."""
    if row["ask"] is None:
        return None
    of, how, bound = ASK.fullmatch(row["ask"]).groups()
    if how == "=" or (of == "ratio" and row["peer"] is None):
        return None
    return float(bound) * (row["peer"] if of == "ratio" else 1)


def bar(top, part, colour, words, marked=0):
    """marked: up to where of the scale something else is drawn, which the words keep clear of."""
    width = max(1, BAR * part)
    yield f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="14" fill="{colour}"/>'
    yield text(LEFT + max(width, BAR * marked) + 6, top + 11, words, "start")


def text(x, y, words, anchor):
    return f'<text x="{x:.1f}" y="{y}" fill="{TEXT}" text-anchor="{anchor}">{html.escape(words)}</text>'
