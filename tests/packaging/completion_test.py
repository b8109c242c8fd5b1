# SPDX-License-Identifier: Apache-2.0
"""What the shells themselves offer after a part of our command line."""

import os
import pty
import select
import subprocess
import time

import pytest

CASES = [
    ("provost mail", ["mailbox"]),
    ("provost mailbox dis", ["disable"]),
    ("provost -o json mailbox dis", ["disable"]),
    ("provost --config mailbox dom", ["domain"]),  # what an option takes is no command
    ("provost mailbox disable --ho", ["--hold"]),
    ("provost mailbox add --kind s", ["service", "shared"]),
    ("provost -o j", ["json"]),
    ("provost mailbox del --ye", ["--yes"]),
    ("provost mailbox add --quota ", []),
]


@pytest.mark.parametrize("line, offered", CASES)
def test_bash(made, line, offered):
    words = line.split(" ")
    asked = subprocess.run(
        ["bash", "-c", 'compopt() { :; }; . "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _provost; printf "%s\\n" "${COMPREPLY[@]}"',
         made("completion", "bash"), *words], capture_output=True, text=True, check=True)
    assert asked.stderr == ""
    assert sorted(asked.stdout.split()) == offered


@pytest.mark.parametrize("line, offered", [case for case in CASES if "--config" not in case[0]])
def test_fish(made, line, offered):
    script = made("completion", "fish")
    # Options of the whole command are offered beside those of a verb.
    asked = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"], capture_output=True, text=True, check=True)
    assert asked.stderr == ""
    assert sorted(entry.split("\t")[0] for entry in asked.stdout.splitlines()) == offered


class Zsh:
    """A zsh on a terminal of its own, with our function where it looks for such."""

    def __init__(self, folder):
        environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(folder), "ZDOTDIR": str(folder)}
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            os.execvpe("zsh", ["zsh", "-f", "-i"], environment)
        self.say(f"PS1='%%'; fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; zstyle ':completion:*' list-prompt ''; echo re''ady\n")
        self.hear("ready")

    def say(self, text):
        os.write(self._terminal, text.encode())

    def hear(self, words):
        heard, deadline = "", time.monotonic() + 10
        while words not in heard:
            assert time.monotonic() < deadline, f"zsh does not say '{words}': {heard!r}"
            if select.select([self._terminal], [], [], 0.2)[0]:
                heard += os.read(self._terminal, 4096).decode(errors="replace")
        return heard

    def end(self):
        self.say("\x03\nexit\n")
        os.close(self._terminal)
        os.waitpid(self._process, 0)


@pytest.mark.parametrize("line, rest", [
    ("provost mailb", "ox "), ("provost mailbox dis", "able "), ("provost -o json mailbox disa", "ble "),
    ("provost mailbox disable --ho", "ld "), ("provost -o j", "son "), ("provost mailbox add --kind pe", "rson ")])
def test_zsh(made, tmp_path, line, rest):
    made("completion", "zsh").rename(tmp_path / "_provost")
    zsh = Zsh(tmp_path)
    try:
        zsh.say(f"{line}\t")
        zsh.hear(line + rest)
    finally:
        zsh.end()


def test_bashs_script_has_no_faults(made):
    found = subprocess.run(["shellcheck", "--shell=bash", made("completion", "bash")], capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "")
