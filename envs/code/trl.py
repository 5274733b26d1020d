"""Rows of the code tasks for trainers, and the reward function for TRL's on them. Needs nothing of TRL.

from datasets import Dataset
from trl import GRPOTrainer
from whetstone.envs.code.trl import reward, rows

data = Dataset.from_list(rows(levels=range(5), n=1000))
GRPOTrainer(model, reward_funcs=reward, train_dataset=data).train()

`reward` waits for programs that run in other processes; it uses no signals and no event loop, so that an asynchronous
trainer may call it in a thread: `await asyncio.to_thread(reward, completions, problem=column)`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count, product
from typing import Any

from whetstone.envs.catalog import CODE, from_json, load
from whetstone.envs.code.families.task import CodeTask
from whetstone.envs.code.judge import JudgeError
from whetstone.envs.core import Split

log = logging.getLogger(__name__)
THREADS = 16  # answers that are judged at a time, as far as the sandbox has workers
REPEATS = 50  # seeds in a row that give nothing new, after which a task has no more questions at a level


def rows(
    levels: Iterable[int], n: int, seed: int = 0, *, split: Split = "train", tasks: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """`n` questions, in turn over levels and tasks (all if none are named), with the columns of `whetstone export`.

    Each cell counts its seeds up from `seed`, and no prompt comes twice: there are fewer rows when all have run out.
    """
    cells = [_different(load(task), level, seed, split) for level, task in product(levels, list(tasks) or CODE)]
    found: list[dict[str, Any]] = []
    while cells and len(found) < n:
        for cell in cells[:]:
            row = next(cell, None)
            if row is None:
                cells.remove(cell)
            elif len(found) < n:
                found.append(row)
    return found


def _different(task: type[CodeTask[Any]], level: int, first: int, split: Split) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    stale = 0
    for seed in count(first):
        question = task.draw(level, seed, split)
        if question.prompt not in seen:
            seen.add(question.prompt)
            stale = 0
            yield {
                "prompt": [{"role": "user", "content": question.prompt}],
                "task": question.id(),
                "level": level,
                "seed": seed,
                "split": split,
                "problem": question.to_json(),
                "solution": question.target,
            }
        elif (stale := stale + 1) == REPEATS:
            return


def reward(completions: Sequence[Any], problem: Sequence[str], **_: Any) -> list[float | None]:
    """1 for a right answer, 0 for any other, judged by the `problem` column alone; equal submissions are judged once.

    None, which TRL leaves out, where the judge failed: nothing is known of that answer.
    """
    questions = {data: _question(data) for data in dict.fromkeys(problem)}
    answers = [
        (data, _submitted(questions[data], _text(completion)))
        for completion, data in zip(completions, problem, strict=True)
    ]
    different = dict.fromkeys(answer for answer in answers if answer[1] is not None)
    with ThreadPoolExecutor(THREADS) as pool:
        scores = list(pool.map(lambda pair: _score(questions[pair[0]], pair[1]), different))
    known = dict(zip(different, scores, strict=True))
    return [known.get(answer, 0.0) for answer in answers]


def _question(data: str) -> CodeTask[Any]:
    question = from_json(data)
    if not isinstance(question, CodeTask):
        raise ValueError(f"expected a problem of {', '.join(CODE)}, got one of {question.id()}")
    return question


def _submitted(question: CodeTask[Any], completion: str) -> Any | None:
    try:
        return question.submitted(completion)
    except ValueError:
        return None


def _score(question: CodeTask[Any], answer: Any) -> float | None:
    try:
        return float(question.check(answer).correct)
    except JudgeError:
        log.exception("there is no verdict on an answer to %.300s", question.to_json())
        return None


def _text(completion: Any) -> str:
    """Of a completion, or of the last message of a conversation."""
    return completion if isinstance(completion, str) else completion[-1]["content"]
