# SPDX-License-Identifier: Apache-2.0
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "lab")]


def pytest_terminal_summary(terminalreporter):
    """What was done is told also where all went well."""
    for line in terminalreporter.config.stash.get("faults", []):
        terminalreporter.write_line(line)
