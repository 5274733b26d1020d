"""Runs many programs over many inputs in one process; its source is itself a program for the sandbox.

Standard input is one JSON object: `inputs`, `answers` (the expected outputs, or null), `checker` (source or ""),
`budgets` (ticks that a program may take on each input), `enough` and `hangs` (failures, and failures by its budget,
after which the rest of the inputs is left out) and `jobs`, programs whose loops call `_tick()`. Standard output is one
JSON object a job, in their order: `codes`, one letter an input (`.` accepted, W wrong, R error, T out of budget, C the
checker failed, `-` not run), `outputs` and `ticks`, lists as long.

This is for programs that are trusted not to reach for each other: a policy's programs never run here.
"""

import builtins
import io
import itertools
import json
import operator
import os
import sys

RECURSION = sys.getrecursionlimit()


def namespace(ticks):
    """The globals of a program: its own `open`, for `open(0)` alone, and the counter of its loops."""

    def opened(file, *args, **kwargs):
        if file == 0:
            return sys.stdin
        raise OSError(f"there is no file {file}")  # a mutant's `open(1)` would close the results

    own = {**vars(builtins), "open": opened, "exit": sys.exit, "quit": sys.exit}
    return {"__name__": "__main__", "__builtins__": own, "_tick": ticks.__next__}


def run(code, text, budget):
    """The letter (`.`, R or T), the output and the ticks of one run."""
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    sys.setrecursionlimit(RECURSION)
    ticks = itertools.repeat(None, budget)
    letter = "."
    try:
        exec(code, namespace(ticks))
        if "threading" in sys.modules:
            threading = sys.modules["threading"]
            for thread in threading.enumerate():
                if thread is not threading.current_thread():
                    thread.join()
    except SystemExit as stop:
        letter = "." if stop.code in (None, 0) else "R"
    except BaseException:  # whatever a program raises is its own failure
        letter = "R"
    left = operator.length_hint(ticks)
    try:
        sys.stdout.flush()
        output = sys.stdout.buffer.getvalue().decode("utf-8", "replace")
    except ValueError:  # the program closed it
        letter, output = "R", ""
    return "T" if left == 0 else letter, output, budget - left


def judged(letter, output, text, answer, check):
    """The letter after the output was compared with the answer, token by token or by the checker."""
    if letter != "." or answer is None or output.split() == answer.split():
        return letter
    if check is None:
        return "W"
    try:
        check(text, output, answer)
    except ValueError:
        return "W"
    except Exception:  # a checker may raise anything: that is its fault, or the reference's, and is reported
        return "C"
    return "."


def main():
    """Every job in turn; a line of results each, written at once, as a later job may end the process."""
    work = json.loads(sys.stdin.read())
    checker = {}
    exec(work["checker"], checker)
    answers = work["answers"] or [None] * len(work["inputs"])
    cases = list(zip(work["inputs"], answers, work["budgets"], strict=True))
    for source in work["jobs"]:
        try:
            code = compile(source, "program", "exec")
        except (SyntaxError, ValueError):
            code = compile("raise SystemExit(1)", "program", "exec")
        rows = []
        hangs = failures = 0
        for text, answer, budget in cases:
            if hangs >= work["hangs"] or failures >= work["enough"]:
                rows.append(("-", "", 0))
                continue
            letter, output, ticks = run(code, text, budget)
            letter = judged(letter, output, text, answer, checker.get("check"))
            hangs, failures = hangs + (letter == "T"), failures + (letter in "WRT")
            rows.append((letter, "" if letter == "." and answer is not None else output, ticks))
        letters, outputs, ticks = zip(*rows, strict=True)
        result = {"codes": "".join(letters), "ticks": ticks, "outputs": outputs if work["outputs"] else []}
        view = memoryview((json.dumps(result) + "\n").encode())
        while view:
            view = view[os.write(1, view) :]
    sys.stdin, sys.stdout = sys.__stdin__, sys.__stdout__


main()
