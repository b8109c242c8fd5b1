# SPDX-License-Identifier: Apache-2.0
"""Users who are the same to Provost and to its peers, and who of them is left alone."""

import crypt
import pathlib
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1]), str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "lab")]

from suite import stale  # noqa: E402  (the paths above come first)
from suite.measure import Bench  # noqa: E402
from suite.people import CRYPTS, People, stored  # noqa: E402


@pytest.mark.parametrize("scheme", CRYPTS)
def test_a_hash_is_of_its_password_and_of_no_other(scheme):
    made = stored(scheme, "some password")
    assert made.startswith(CRYPTS[scheme][0])
    assert crypt.crypt("some password", made) == made and crypt.crypt("another", made) != made


def test_each_user_has_the_hash_of_the_password_that_is_asked_with():
    people = People(3, ("md5-crypt",))
    pairs = people.logins_and_hashes("md5-crypt")
    assert [login for login, _ in pairs] == [f"u{number:08d}@md5-crypt.test" for number in range(3)]
    assert [hashed for _, hashed in pairs] == people.hashes["md5-crypt"][:3]


def test_nothing_is_done_to_those_who_are_the_load():
    bench = Bench("some", say=lambda text: None)
    people = People(1500, ())
    assert list(stale.acted_on(bench, people)) == list(range(500, 1500))
    assert list(stale.others(bench, people)) == list(range(500))
