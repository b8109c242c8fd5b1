# SPDX-License-Identifier: Apache-2.0
"""The commands on the pages of docs/: found as they stand there, and typed as whoever reads the page types them.

An indented block is of commands, one a line. Where its lines begin with "$ ", those are the commands, and the lines after
each are what it prints, all but numbers and ids; "..." stands for any lines. A command must end with 0, unless the next
one is `echo $?`. "(not run by the tests" in the paragraph before a block says that it is for readers alone.
"""

import dataclasses
import os
import pathlib
import re

from lab import terminal, waiting

DOCS = pathlib.Path(__file__).resolve().parents[3] / "docs"
README = DOCS.parent / "README.md"
NOT_RUN = "(not run by the tests"
INDENT = "    "
ANY_LINES = "..."
ASKS_FOR_CODE = "echo $?"
PASSWORD = "correct-horse-7-battery"
ASKED = [(r"\[y/N\] ", "y"), (r"([Pp]assword of \S+|The same again): ", PASSWORD), (r"Type (\S+) once more: ", r"\1")]
# What is another in each run, and what stands for it in a comparison.
VOLATILE = [
    (r"\S*…", "…"),  # where a table is cut to the terminal's width
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),  # a whole second is told without its thousandths
    (r"\b([0-9a-f]{2}/)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "ID"), (r"(?<=-)[0-9a-f]{8}\b", "ID"), (r"(?<!\S)[\w-]{24}(?!\S)", "ID"),
    (r"\d+", "0"), (r"\b0([.:-]0)+\b", "0"), (r"-{2,}", "-"), (r"\s+", " ")]


@dataclasses.dataclass
class Command:
    line: int  # of the page, from 1
    text: str
    shows: list = None  # the lines that the page has for what it prints; None where it has none to say
    may_fail: bool = False


@dataclasses.dataclass
class Block:
    commands: list
    is_run: bool
    lines: range  # of the page


def blocks_of(text, section=None):
    """The blocks of a page; of one section where its heading is named."""
    lines = text.split("\n")
    first = lines.index(f"## {section}") + 1 if section else 0
    last = next((i for i in range(first, len(lines)) if section and lines[i].startswith("## ")), len(lines))
    if fences := [i for i in range(first, last) if lines[i].startswith("```")]:
        raise ValueError(f"line {fences[0] + 1}: what stands in a fence would not be run; commands are indented")
    blocks, paragraph, start = [], [], None
    for i in range(first, last + 1):
        line = lines[i] if i < last else ""
        if line.startswith(INDENT):
            start = i if start is None else start
            continue
        if start is not None:
            is_run = NOT_RUN not in " ".join(paragraph)
            blocks.append(Block(list(commands_of(lines[start:i], start + 1)), is_run, range(start, i)))
            paragraph, start = [], None
        if line.strip():
            paragraph = [*paragraph, line] if i > first and lines[i - 1].strip() else [line]
    return blocks


def commands_of(lines, first):
    lines = [line.removeprefix(INDENT) for line in lines]
    if not lines[0].startswith("$ "):
        return [Command(first + i, line) for i, line in enumerate(lines)]
    found = []
    for i, line in enumerate(lines):
        if line.startswith("$ "):
            found.append(Command(first + i, line.removeprefix("$ "), []))
        else:
            found[-1].shows.append(line)
    for command, after in zip(found, found[1:]):
        command.may_fail = after.text == ASKS_FOR_CODE
    return found


def plain(line):
    for pattern, instead in VOLATILE:
        line = re.sub(pattern, instead, line)
    return line.strip()


def lines_of(printed):
    """An empty line would end a block, so that none is shown."""
    return [line for line in printed.splitlines() if line.strip()]


def is_shown(shows, printed):
    """Whether what was printed is what the page shows."""
    pattern = "".join(r"(?:.*\n)*" if line == ANY_LINES else re.escape(plain(line)) + r"\n" for line in shows)
    return re.fullmatch(pattern, "".join(plain(line) + "\n" for line in lines_of(printed))) is not None


class Reader:
    """Follows pages on a machine, each at a terminal of its own.

    instead: {words: what is typed for them, or a function that says it}. leaves_out: words whose blocks are left out.
    patience: seconds for one command. asked: what is answered to which questions.
    """

    def __init__(self, machine, instead=None, leaves_out=(), patience=120, asked=ASKED):
        self._machine = machine
        self._instead = instead or {}
        self._leaves_out = leaves_out
        self._patience = patience
        self._asked = asked

    def follow(self, blocks, before_block=None):
        """Returns the commands that were run, and what each printed."""
        done = []
        with terminal.Terminal(self._machine, self._asked) as shell:
            for block in blocks:
                if not block.is_run or any(word in command.text for word in self._leaves_out for command in block.commands):
                    continue
                if before_block:
                    before_block(block)
                done += [(command, self._run(shell, command)) for command in block.commands]
        return done

    def _run(self, shell, command):
        words = command.text.removeprefix("sudo ")
        for said, typed in self._instead.items():
            if said in words:
                words = words.replace(said, typed() if callable(typed) else typed)
        said = shell.run(words, self._patience)
        if command.shows and "doveadm fetch" in words:  # a letter is on its way

            def arrives():
                nonlocal said
                said = shell.run(words)
                return is_shown(command.shows, said.text)

            waiting.until(arrives, f"line {command.line}: {words} shows what the page shows", 30)
        assert said.code == 0 or command.may_fail, f"line {command.line}: {words}: exit {said.code}\n{said.text}"
        return said.text


def check(path, done):
    """That commands of this page were run, and printed what it shows. With PROVOST_ACCEPT it shows that from now on."""
    assert done, f"{path.name}: no command was run"
    amiss = [(command, printed) for command, printed in done if command.shows is not None and not is_shown(command.shows, printed)]
    if amiss and "PROVOST_ACCEPT" in os.environ:
        lines = path.read_text().split("\n")
        for command, printed in sorted(amiss, key=lambda pair: -pair[0].line):
            lines[command.line: command.line + len(command.shows)] = [f"{INDENT}{line}".rstrip() for line in lines_of(printed)]
        path.write_text("\n".join(lines))
        return
    shown = "".join(f"{path.name}, line {command.line}: {command.text} prints\n{printed}" for command, printed in amiss)
    assert not amiss, f"{shown}which is not what the page shows"
