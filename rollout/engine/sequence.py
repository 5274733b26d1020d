"""One request on its way, and one completion being written."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from whetstone.rollout.engine.pages import Page
from whetstone.rollout.engine.sampling import key
from whetstone.rollout.engine.text import Text
from whetstone.rollout.types import Completion, Request


@dataclass(frozen=True, slots=True)
class Piece:
    """What a completion has gained since its last piece; `completion` comes with the last one."""

    sample: int
    text: str
    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    completion: Completion | None = None


Listener = Callable[[Piece], None]


@dataclass(slots=True, eq=False)
class Handle:
    """A request that the engine has accepted, with the completions that are done, each at its place."""

    request: Request
    prompt: tuple[int, ...]
    names: list[int]  # of the prompt's blocks, see `prefix`
    listener: Listener | None = None
    completions: list[Completion | None] = field(default_factory=list)
    left: int = 0

    @property
    def done(self) -> bool:
        """Whether all `n` completions are there."""
        return self.left == 0


class Sequence:
    """One completion. Of its tokens, `computed` are in the cache; all but the last have to be before it can go on."""

    __slots__ = (
        "alternatives",
        "computed",
        "ends",
        "handle",
        "key",
        "leader",
        "limit",
        "logprobs",
        "origin",
        "restored",
        "runs",
        "sample",
        "sent",
        "started",
        "table",
        "text",
        "tokens",
        "versions",
    )

    def __init__(self, handle: Handle, sample: int, stop: int, text: Text | None) -> None:
        sampling = handle.request.sampling
        self.handle, self.sample, self.text = handle, sample, text
        self.key = key(handle.request.seed, sample)
        self.limit = sampling.max_tokens
        self.ends = frozenset((stop, *sampling.stop_tokens))
        self.tokens: list[int] = []
        self.logprobs: list[float] = []
        self.versions: list[int] = []
        self.alternatives: list[tuple[tuple[int, float], ...]] = []
        self.table: list[Page] = []
        self.computed = 0
        self.origin = -1  # its row in the state of the last step
        self.restored: Tensor | None = None  # the state it starts from, if it starts from a known prompt
        self.leader: Sequence | None = None  # another sample of the same prompt, which runs it for both
        self.runs: tuple[tuple[object, int], ...] = ()  # see `shared`; its own is the last
        self.sent = 0  # tokens that the listener has heard of
        self.started = time.perf_counter()

    @property
    def known(self) -> int:
        """Prompt and completion, in tokens."""
        return len(self.handle.prompt) + len(self.tokens)

    def span(self, start: int, length: int) -> list[int]:
        """Tokens start .. start + length - 1 of prompt and completion."""
        prompt = self.handle.prompt
        part = list(prompt[start : start + length])
        if start + length > len(prompt):
            part += self.tokens[max(0, start - len(prompt)) : start + length - len(prompt)]
        return part
