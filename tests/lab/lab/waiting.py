# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition with a deadline, instead of sleeping and hoping."""

import time

PAUSE = 0.02


def until(condition, what, seconds=10):
    """Returns the first true value of condition(); a condition that raises an OSError is asked again.

    After `seconds`, raises AssertionError that says what was waited for, and the last error if there was one.
    """
    deadline = time.monotonic() + seconds
    while True:
        error = None
        try:
            if value := condition():
                return value
        except OSError as refused:
            error = refused
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s still waiting: {what}" + (f" ({error})" if error else "")) from error
        time.sleep(PAUSE)
