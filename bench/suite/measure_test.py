# SPDX-License-Identifier: Apache-2.0
"""The parts of the benches that measure nothing: python3 -m pytest bench/suite"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from suite import picture, report  # noqa: E402  (the path above comes first)
from suite.measure import Bench, Row, Series, sentence  # noqa: E402


def quiet(*arguments, **options):
    return Bench(*arguments, say=lambda text: None, **options)


def test_each_is_run_once_a_round_and_in_the_other_order_every_second():
    order = []
    found = quiet("some", rounds=3).in_turn({name: lambda name=name: order.append(name) or len(order) for name in "ab"})
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found["a"].values == [1, 4, 5] and found["a"].median == 4 and found["a"].spread == (1, 5)


@pytest.mark.parametrize("ask, is_met", [
    ("ratio >= 5", True), ("ratio >= 5.1", False), ("ratio <= 5", True), ("ours < 10", False), ("ours >= 10", True), ("ours = 10", True), (None, None)])
def test_an_ask_is_of_the_median_or_of_the_ratio(ask, is_met):
    assert Row("w", "u", Series([9, 10, 30]), Series([2, 2, 1]), "p", ask).is_met is is_met


def test_a_ratio_that_cannot_be_told_is_a_miss():
    assert Row("w", "u", Series([1]), ask="ratio >= 1").is_met is False


def test_a_quick_run_asks_for_nothing():
    bench = quiet("some", quick=True)
    bench.row("w", "u", 1, 2, "p", "ratio >= 5")
    assert bench.rows[0].ask is None and bench.missed == []


def test_rows_are_written_with_these_keys_alone():
    bench = quiet("some")
    bench.row("w", "u", Series([12345.678]), ask="ours < 1")
    assert bench.as_json() == {"bench": "some", "rows": [
        {"what": "w", "unit": "u", "ours": 12350.0, "peer": None, "peer_name": None, "ratio": None, "ask": "ours < 1"}]}
    assert "MISSED" in sentence(bench.rows[0]) and bench.missed == bench.rows


def test_a_page_has_a_line_for_each_row_and_says_what_was_missed():
    bench = quiet("lookup")
    bench.row("keys", "keys/s", Series([90, 100, 110]), Series([50]), "mysql:", "ratio >= 5")
    bench.note("something was left out")
    text = report.page({"lookup": {**bench.as_kept(), "host": "2 CPUs"}})
    assert "| keys | 100 (90 to 110) | keys/s | mysql: 50 | 2 | **missed**: a ratio of at least 5 |" in text
    assert "Something was left out." in text


def test_a_section_says_where_it_was_measured_where_that_is_not_what_the_page_says():
    kept = quiet("lookup", host="2 CPUs, load 1.00").as_kept()
    assert "Measured on 2 CPUs, load 1.00." in report.section("lookup", kept, "2 CPUs, load 3.00")
    assert "Measured on" not in report.section("lookup", kept, "2 CPUs, load 1.00")


def test_each_bench_has_a_section():
    written = [path.stem for path in (pathlib.Path(__file__).parent).glob("*.py") if "\ndef run(bench, options):" in path.read_text()]
    assert sorted(written) == sorted(report.ABOUT)


def test_a_picture_is_xml_with_bars_to_scale():
    bench = quiet("some")
    bench.row("a < b", "s", 50, 100, "peer & more", "ratio >= 0.8")
    bench.row("nothing", "of all", 0, ask="ours = 0")
    found = ElementTree.fromstring(picture.drawn([row.as_kept() for row in bench.rows]))
    bars = [float(each.get("width")) for each in found.findall("{*}rect")[1:]]
    assert bars == [picture.BAR / 2, picture.BAR]
    assert float(found.find("{*}line").get("x1")) == picture.LEFT + picture.BAR * 0.8
