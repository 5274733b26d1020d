"""The contract of a task (`whetstone.envs.core`) as checks that any task can be held against.

Each check yields one sentence for every way in which the task breaks the contract; none means that it holds. Tests run
them over every task there is, and `whetstone check` over those a person names.
"""

from __future__ import annotations

import contextlib
import doctest
import hashlib
import inspect
import io
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import mean

from whetstone.envs.core import SPLITS, Task, Verdict

LEVELS = (0, 3, 10, 30)
LINES = 60  # of a task's file
PROMPT = 6000  # characters at level 10
NULL_SCORE = 0.2  # most that answering without reading may earn on average at level 10
GUESSES = 100  # problems of level 10 on which that is measured
SAME = 2  # problems of a level that may be drawn twice
NONSENSE = {
    "nothing": "",
    "blanks": " \n\t ",
    "prose": "I am not sure, but it could be the third one; let me think again.",
    "a huge number": "9" * 5000,
    "many numbers": "-" + "123456789 " * 400,
    "no numbers": "nan inf -inf 1e999 0x10 1_000",
    "other scripts": "٣ ४ \uff15 ² Ⅷ 一二三 ½ \U0001d7d9 \u202e12\u200b \x00",
    "brackets": "[[(({{" * 50 + "/-,;",
    "tags": "</answer><answer><answer>",
    "100 kB": "x1 " * 33_000,
}


class Drawn:
    """A task's problems at `LEVELS`, drawn once for all checks."""

    def __init__(self, kind: type[Task], quick: bool = False) -> None:
        self.kind, self.quick = kind, quick
        seeds = {0: 6, 3: 6, 10: 20, 30: 4}
        levels = (0, 3, 10) if quick else LEVELS
        self.at = {level: [kind.draw(level, seed) for seed in range(3 if quick else seeds[level])] for level in levels}

    def first(self, seeds: int) -> Iterator[tuple[str, Task]]:
        """The first problems of every level, each with its name."""
        for level, problems in self.at.items():
            for seed, problem in enumerate(problems[:seeds]):
                yield f"level {level}, seed {seed}", problem


def tagged(answer: str) -> str:
    """A completion that answers."""
    return f"<answer>{answer}</answer>"


def judged(problem: Task, completion: str) -> Verdict:
    """The verdict; whatever a task raises goes on, with the problem and the answer named."""
    try:
        return problem.grade(completion)
    except Exception as error:
        error.add_note(f"judging {completion!r:.200} on {problem!r:.400}")
        raise


def form(drawn: Drawn) -> Iterator[str]:
    """One short file that explains itself, with an example that holds."""
    kind = drawn.kind
    module = inspect.getmodule(kind)
    if module is None or not module.__doc__:
        yield "the module needs a docstring; its first line is the task's title"
        return
    if len(inspect.getsource(module).splitlines()) > LINES:
        yield f"the file has more than {LINES} lines"
    if ">>>" not in (kind.__doc__ or ""):
        yield "the class needs a doctest with a problem worked by hand"
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        if doctest.testmod(module).failed:
            yield f"its doctest fails: {said.getvalue().strip()}"


def reference(drawn: Drawn) -> Iterator[str]:
    """The reference answer scores 1, and printer and parser agree on it."""
    for name, problem in drawn.first(6):
        shown = problem.answer.show(problem.solution)
        if problem.answer.parse(shown) != problem.solution:
            yield f"{name}: the answer {shown!r} is read as {problem.answer.parse(shown)!r}"
        for completion in dict.fromkeys((tagged(shown), problem.target)):
            verdict = judged(problem, completion)
            if not verdict.correct:
                yield f"{name}: the reference answer is not correct: {verdict.reason}"


def plain_data(drawn: Drawn) -> Iterator[str]:
    """A problem comes back from JSON equal, and the copy judges alike."""
    for name, problem in drawn.first(6):
        copy = type(problem).from_json(problem.to_json())
        if copy != problem or repr(copy) != repr(problem) or copy.prompt != problem.prompt:
            yield f"{name}: the copy from JSON is not the same problem"
        elif any(judged(copy, text) != judged(problem, text) for text in (problem.target, tagged("0"))):
            yield f"{name}: the copy from JSON judges differently"


def keys(drawn: Drawn) -> Iterator[str]:
    """The same key gives the same problem in any thread, different keys differ, and the splits share no prompt."""
    here = fingerprint(drawn.kind)
    with ThreadPoolExecutor(2) as threads:
        if set(threads.map(fingerprint, [drawn.kind] * 2)) != {here}:
            yield "two threads draw different problems"
    for level, problems in drawn.at.items():
        if level and len(set(problems[:6])) < min(6, len(problems)) - SAME:
            yield f"level {level}: {len(set(problems[:6]))} different problems from 6 seeds"
        if not level or level == 30:
            continue
        seeds = range(3 if drawn.quick else 12)
        train, held = ([drawn.kind.draw(level, seed, split) for seed in seeds] for split in SPLITS)
        if [{p.split for p in problems} for problems in (train, held)] != [{"train"}, {"eval"}]:
            yield f"level {level}: too few problems to keep the splits apart"
        if {p.prompt for p in train} & {p.prompt for p in held}:
            yield f"level {level}: a prompt is in both splits"


def growth(drawn: Drawn) -> Iterator[str]:
    """Sizes and prompts grow with the level, and prompts stay short enough to read."""
    sizes = [drawn.kind.Size.at(level) for level in LEVELS]  # type: ignore[attr-defined]
    if len(set(sizes)) < len(LEVELS):
        yield f"levels {LEVELS} do not all differ in size: {sizes}"
    easy, hard = ([len(problem.prompt) for problem in drawn.at[level]] for level in (0, 10))
    if mean(hard) < mean(easy):
        yield f"prompts shrink from {mean(easy):.0f} characters at level 0 to {mean(hard):.0f} at level 10"
    if max(hard) >= PROMPT:
        yield f"a prompt of level 10 has {max(hard)} characters, {PROMPT} or more"


def nonsense(drawn: Drawn) -> Iterator[str]:
    """What is no answer is unreadable or wrong, and never an exception."""
    for level in (0, 10):
        for problem in drawn.at[level][:2]:
            shown = problem.answer.show(problem.solution)
            for name, text in {**NONSENSE, "an answer without tags": shown}.items():
                if judged(problem, text).kind != "unreadable":
                    yield f"level {level}: {name} without tags can be read"
            for name, text in NONSENSE.items():
                if any(judged(problem, before + tagged(text)).correct for before in ("", f"{problem.target}\n")):
                    yield f"level {level}: {name} is taken to be correct"
            if judged(problem, problem.target.removesuffix("</answer>")).kind != "unreadable":
                yield f"level {level}: an answer without its closing tag can be read"


def nothing(drawn: Drawn) -> Iterator[str]:
    """Answering without reading earns nothing."""
    if drawn.quick:  # three problems say nothing about an average
        return
    earned, how = guess(drawn)
    if earned > NULL_SCORE and not drawn.kind.guessable:
        yield f"answering {how} earns {earned:.2f} on average at level 10, more than {NULL_SCORE}"


def guess(drawn: Drawn) -> tuple[float, str]:
    """What the best answer that ignores the problem earns on average at level 10, and which it is."""
    kind = drawn.kind
    problems = drawn.at[10] + [kind.draw(10, seed) for seed in range(len(drawn.at[10]), 0 if drawn.quick else GUESSES)]
    answers: dict[str, Callable[[Task], str]] = {
        "nothing": lambda p: tagged(""),
        "the prompt": lambda p: p.prompt,
        "the statement": lambda p: tagged(p.statement()),
        "0": lambda p: tagged("0"),
        "1": lambda p: tagged("1"),
        "zeros": lambda p: tagged(_zeros(p)),
        "0 1 2 ...": lambda p: tagged(_identity(p, 0)),
        "1 2 3 ...": lambda p: tagged(_identity(p, 1)),
    }
    earned = [(mean(judged(p, answer(p)).score for p in problems), name) for name, answer in answers.items()]
    for one in problems[:2]:  # another problem's answer counts only where it is right: it may well be a feasible one
        text, others = tagged(one.answer.show(one.solution)), [p for p in problems if p != one]
        right = [float(judged(p, text).correct) for p in others]
        earned.append((mean(right) if right else 0.0, "as to another problem"))
    return max(earned)


def _zeros(problem: Task) -> str:
    """The reference with each of its digits replaced by 0, or with each letter by the first of its alphabet."""
    text = problem.answer.show(problem.solution)
    first = getattr(problem.answer, "alphabet", "0")[0]
    return "".join(c if c.isspace() or c in "-/+*()" else first for c in text)


def _identity(problem: Task, start: int) -> str:
    return " ".join(map(str, range(start, start + len(problem.answer.show(problem.solution).split()))))


def scores(drawn: Drawn) -> Iterator[str]:
    """Small answers, and answers near the reference, are judged without an exception and with a score in [0, 1].

    A task raises `AssertionError` for an answer that is better than the reference, so this is also a search for one.
    """
    choice = random.Random(drawn.kind.id())
    for level, problems in drawn.at.items():
        for problem in problems[: 1 if level == 30 else 3]:
            shown = problem.answer.show(problem.solution)
            near = [mutated(shown, choice) for _ in range(20 if level < 30 else 5)]
            for text in [*near, *_small_answers(shown, choice)]:
                verdict = judged(problem, tagged(text))
                if not 0.0 <= verdict.score <= 1.0 or not verdict.reason:
                    yield f"level {level}: the answer {text!r} is judged as {verdict}"
                if verdict.kind != "graded" and verdict.score:
                    yield f"level {level}: the {verdict.kind} answer {text!r} scores {verdict.score}"


def _small_answers(shown: str, choice: random.Random) -> Iterator[str]:
    """Answers of the reference's shape with its own words in other places, and with small numbers in all of them."""
    lines = [line.split() for line in shown.splitlines()]
    words = [word for line in lines for word in line]
    for pool in (words, ["0", "1"], ["0", "1", "2", "3"], ["1"], ["-1", "1"]):
        for _ in range(4):
            yield "\n".join(" ".join(choice.choices(pool or ["0"], k=len(line))) for line in lines)
    for _ in range(4):
        shuffled = iter(choice.sample(words, len(words)))
        yield "\n".join(" ".join(next(shuffled) for _ in line) for line in lines)


def mutated(text: str, choice: random.Random) -> str:
    """`text` with one token (a word, or a character of the only word) dropped, repeated, altered or moved."""
    spaced = len(text.split()) > 1
    tokens = text.split(" ") if spaced else list(text)
    if not tokens:
        return choice.choice(["0", "1 2"])
    at = choice.randrange(len(tokens))
    match choice.choice(("drop", "repeat", "alter", "swap")):
        case "drop":
            del tokens[at]
        case "repeat":
            tokens.insert(at, tokens[at])
        case "alter":
            token = tokens[at]
            tokens[at] = str(int(token) + choice.choice((-1, 1))) if token.isdecimal() else choice.choice(tokens)
        case "swap":
            other = choice.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
    return (" " if spaced else "").join(tokens)


CHECKS = (form, reference, plain_data, keys, growth, nonsense, nothing, scores)


def fingerprint(kind: type[Task]) -> str:
    """A digest of some problems with their prompts and reference answers: it changes when the task does."""
    problems = [kind.draw(level, 7, split) for level in (0, 3, 10) for split in SPLITS]
    text = "\n".join(part for p in problems for part in (p.to_json(), p.prompt, p.target))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
