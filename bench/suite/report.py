# SPDX-License-Identifier: Apache-2.0
"""docs/performance.md and its pictures, out of what the runs left."""


def make(results, docs):
    raise SystemExit("not yet")
