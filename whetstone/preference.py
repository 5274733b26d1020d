"""Judges of preference: how good replies are where no code can tell.

A reward model's scores become numbers in (0, 1), so that a reply that breaks its instructions, which earns 0, is never
the better one. An endpoint is asked which of two replies to the same prompt is better, both ways round: a reply wins
only where the judge prefers it in both orders, so a judge who always likes the first one says nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import torch

from whetstone.envs.benchmarks.question import said
from whetstone.rollout.openai import Endpoint
from whetstone.rollout.types import Completion, Request, Sampler, Sampling

QUESTION = """\
Here are a request and two replies to it. Which reply is better? Judge how helpful, correct and well written it is, \
not how long it is.

<request>
{prompt}
</request>

<reply_a>
{first}
</reply_a>

<reply_b>
{second}
</reply_b>

End with one line: [[A]] if the first reply is better, [[B]] if the second is, [[C]] if neither is."""
VERDICT = re.compile(r"\[\[([ABC])\]\]")
LONGEST = 2048  # tokens of a judge's answer
AT_ONCE = 16  # replies that a reward model reads at once


class Match(NamedTuple):
    """Two replies of a group, by their places, in the order in which the judge reads them."""

    group: int
    first: int
    second: int


@dataclass
class Pairwise:
    """A judge that compares each reply with the `against` replies after it in its group, in both orders.

    A reply's score is the share of its comparisons that it won, a draw counting half. One whose comparisons all failed
    has the score NaN; one that is alone in its group has neither won nor lost.
    """

    sampler: Sampler
    against: int = 1

    @classmethod
    def at(cls, address: str, against: int = 1) -> Self:
        """The judge at `http://host:8000/v1#MODEL`, with the key in the variable OPENAI_API_KEY if there is one."""
        url, _, model = address.partition("#")
        return cls(Endpoint(url, model, key=os.environ.get("OPENAI_API_KEY")), against)

    def scores(self, prompts: Sequence[str], replies: Sequence[Sequence[str]]) -> list[list[float]]:
        """A score in [0, 1] for each reply; NaN where the judge failed."""
        pairs = [pair for group, texts in enumerate(replies) for pair in self._pairs(group, len(texts))]
        matches = [match for pair in pairs for match in (pair, Match(pair.group, pair.second, pair.first))]
        answers = self.sampler.generate([_request(prompts[m.group], replies[m.group], m) for m in matches])
        votes = [_vote(answer) for (answer,) in answers]
        won = [[0.0] * len(texts) for texts in replies]
        met = [[0] * len(texts) for texts in replies]
        for pair, forward, backward in zip(pairs, votes[::2], votes[1::2], strict=True):
            if forward is None or backward is None:
                continue
            share = 0.5 if forward != -backward else (1.0 + forward) / 2
            for place, points in ((pair.first, share), (pair.second, 1.0 - share)):
                won[pair.group][place] += points
                met[pair.group][place] += 1
        return [[0.5] if len(wins) == 1 else list(map(_share, wins, met_)) for wins, met_ in zip(won, met, strict=True)]

    def _pairs(self, group: int, size: int) -> Iterator[Match]:
        """Every unordered pair once, of places at most `against` apart on a ring."""
        seen = set()
        for step in range(1, min(self.against, size - 1) + 1):
            for place in range(size):
                pair = (place, (place + step) % size)
                if frozenset(pair) not in seen:
                    seen.add(frozenset(pair))
                    yield Match(group, *pair)


def _share(won: float, met: int) -> float:
    return won / met if met else float("nan")


def _request(prompt: str, replies: Sequence[str], match: Match) -> Request:
    first, second = said(replies[match.first]), said(replies[match.second])
    text = QUESTION.format(prompt=prompt, first=first, second=second)
    seed = int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).digest(), "little") >> 1
    return Request(text, Sampling(max_tokens=LONGEST, temperature=0.0), seed=seed)


def _vote(answer: Completion) -> int | None:
    """1 for the first reply, -1 for the second, 0 for neither; None where nothing was said."""
    found = VERDICT.findall(said(answer.text)) if answer.finish != "error" else []
    return {"A": 1, "B": -1, "C": 0}[found[-1]] if found else None


class RewardModel:
    """A sequence classifier of Transformers with one output, which reads the prompt and the reply as a chat."""

    def __init__(self, name: str) -> None:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        if not Path(name).exists() and name.count("/") != 1:
            raise ValueError(f"there is no reward model {name}: expected a folder, or a name on the hub")
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.model = AutoModelForSequenceClassification.from_pretrained(name).eval()
        if self.model.config.num_labels != 1:
            raise ValueError(f"{name} has {self.model.config.num_labels} outputs; a reward model has one")
        if self.tokenizer.pad_token is None:  # by which the model knows where a reply ends
            self.tokenizer.pad_token = self.tokenizer.eos_token
        self.model.config.pad_token_id = self.tokenizer.pad_token_id
        self.model.to("cuda" if torch.cuda.is_available() else "cpu")

    @torch.inference_mode()
    def scores(self, prompts: Sequence[str], replies: Sequence[Sequence[str]]) -> list[list[float]]:
        """sigmoid(score) of each reply."""
        flat = [self._text(p, said(reply)) for p, texts in zip(prompts, replies, strict=True) for reply in texts]
        found: list[float] = []
        for start in range(0, len(flat), AT_ONCE):
            batch = self.tokenizer(
                flat[start : start + AT_ONCE], padding=True, return_tensors="pt", add_special_tokens=False
            )
            logits = self.model(**batch.to(self.model.device)).logits.squeeze(-1)
            found += logits.float().sigmoid().tolist()
        each = iter(found)
        return [[next(each) for _ in texts] for texts in replies]

    def _text(self, prompt: str, reply: str) -> str:
        if not self.tokenizer.chat_template:
            return f"{prompt}\n{reply}"
        chat = [{"role": "user", "content": prompt}, {"role": "assistant", "content": reply}]
        return str(self.tokenizer.apply_chat_template(chat, tokenize=False))
