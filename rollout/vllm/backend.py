"""A `Sampler` over vLLM in a child process, so that a crash costs the child and not the trainer.

Unusual here: the child may run in another environment than this one (vLLM pins its own PyTorch); only plain data
crosses, and weights go through a file. A child that dies is replaced, with the weights of the last update, and what it
was working on is asked for once more: seeds make the second answer the one that the first would have been.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from torch import Tensor

from whetstone.rollout.engine.sampling import key
from whetstone.rollout.engine.sequence import Piece
from whetstone.rollout.engine.text import Text
from whetstone.rollout.types import Completion, Finish, Request
from whetstone.rollout.vllm.messages import Cancel, Failed, Job, Load, Loaded, Options, Ready, Start, Written
from whetstone.rollout.vllm.process import Lost, Process

log = logging.getLogger("whetstone.vllm")

ATTEMPTS = 2  # a request whose child died is tried once more


class StartError(RuntimeError):
    """vLLM did not start, or did not take new weights; the sentence says why."""


class Tokenizer(Protocol):
    """What the backend needs of a tokenizer."""

    def encode(self, text: str) -> list[int]: ...

    def decode(self, tokens: Sequence[int]) -> str: ...


@dataclass(slots=True, eq=False)
class _Sample:
    """One completion on its way."""

    name: int  # of its request
    index: int
    request: Request
    job: Job
    attempts: int = 1
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    alternatives: list[tuple[tuple[int, float], ...]] = field(default_factory=list)
    told: int = 0  # tokens that were handed out as they came
    text: Text | None = None


class VLLM:
    """Any model that vLLM runs, from a folder or by its Hugging Face name, behind the `Sampler` contract.

    `python` is the interpreter of an environment with vLLM and this package. `tokenizer` turns text prompts into
    tokens; without one, the model's own is loaded. `seconds` is how long a start may take. A folder holds the child's
    log and the weights of the last update: `folder`, or a temporary one. For one thread at a time, as the engine is.

    `restarts` counts replaced children, `retried` the samples that were asked for again, `lost` those that failed
    twice, `cached` the prompt tokens that vLLM found in its prefix cache. `version` counts weight updates.
    """

    def __init__(
        self,
        model: str | Path,
        tokenizer: Tokenizer | None = None,
        options: Options | None = None,
        *,
        python: str | Path = sys.executable,
        folder: Path | None = None,
        seconds: float = 900.0,
    ) -> None:
        self.options = options or Options()
        self.model, self.python, self.seconds = str(model), str(python), seconds
        self.tokenizer = tokenizer if tokenizer is not None else Pretrained(self.model)
        self.version = self.restarts = self.retried = self.lost = self.cached = 0
        self.positions = 0
        self._temporary = folder is None  # removed by `close`, and left where vLLM does not start: it holds the log
        self.folder = Path(tempfile.mkdtemp(prefix="whetstone-vllm-")) if folder is None else folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self._weights: Path | None = None
        self._samples: dict[int, _Sample] = {}
        self._requests = self._jobs = 0
        self._inbox: deque[Written] = deque()
        self._child = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self.close()

    @property
    def log(self) -> Path:
        """What vLLM prints."""
        return self.folder / "vllm.log"

    @property
    def pid(self) -> int:
        """The child's process number."""
        return self._child.pid

    def close(self) -> None:
        """End the child; what is unfinished is dropped."""
        self._child.close()
        self._samples.clear()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def metrics(self) -> dict[str, float]:
        """Counts since the start."""
        names = ("version", "restarts", "retried", "lost", "cached")
        return {f"vllm/{name}": float(getattr(self, name)) for name in names}

    # -- completions --------------------------------------------------------------------------------------------------

    def generate(
        self, requests: Sequence[Request], on_done: Callable[[int, Completion], None] | None = None
    ) -> list[list[Completion]]:
        """`n` completions for each request, in order. `on_done(request index, completion)` hears of each at once."""
        prompts = [self._prompt(request) for request in requests]  # all are checked before any is begun
        names = {
            self._add(request, prompt): i for i, (request, prompt) in enumerate(zip(requests, prompts, strict=True))
        }
        done: list[list[Completion | None]] = [[None] * request.n for request in requests]
        left = sum(request.n for request in requests)
        try:
            while left:
                for name, piece in self.step():
                    if piece.completion is not None and name in names:
                        done[names[name]][piece.sample] = piece.completion
                        left -= 1
                        if on_done:
                            on_done(names[name], piece.completion)
        except BaseException:  # Ctrl-C included: what nobody waits for must not go on
            for name in names:
                self.cancel(name)
            raise
        return [[c for c in completions if c is not None] for completions in done]

    def add(self, request: Request) -> int:
        """Take a request in and name it; raises `ValueError` for one that can never run."""
        return self._add(request, self._prompt(request))

    def step(self) -> list[tuple[int, Piece]]:
        """Wait for news; (name of the request, piece) of all that is there. Nothing where nothing is unfinished."""
        while self._samples and not self._inbox:
            self._receive()
        while self._child.ready():
            self._receive()
        pieces = [piece for written in self._inbox if (piece := self._take(written)) is not None]
        self._inbox.clear()
        return pieces

    def cancel(self, name: int) -> None:
        """Drop what is unfinished of a request; one that has ended is no error."""
        for job, sample in list(self._samples.items()):
            if sample.name == name:
                del self._samples[job]
                self._child.send(Cancel(job))

    def _prompt(self, request: Request) -> tuple[int, ...]:
        prompt = request.prompt if isinstance(request.prompt, tuple) else tuple(self.tokenizer.encode(request.prompt))
        total = len(prompt) + request.sampling.max_tokens
        if not prompt:
            raise ValueError("the prompt is empty; it needs at least one token")
        if total > self.positions:
            raise ValueError(
                f"a prompt of {len(prompt)} tokens and max_tokens={request.sampling.max_tokens} need {total} "
                f"positions; vLLM was started with {self.positions}. Shorten the prompt or lower max_tokens"
            )
        return prompt

    def _add(self, request: Request, prompt: tuple[int, ...]) -> int:
        self._requests += 1
        for index in range(request.n):
            self._jobs += 1
            job = Job(self._jobs, prompt, request.sampling, key(request.seed, index))
            self._samples[job.name] = _Sample(self._requests, index, request, job)
            self._child.send(job)
        return self._requests

    def _take(self, news: Written) -> tuple[int, Piece] | None:
        if news.name not in self._samples:
            return None  # of a request that was cancelled meanwhile
        sample = self._samples[news.name]
        sample.tokens += news.tokens
        sample.logprobs += news.logprobs
        sample.versions += news.versions
        sample.alternatives += news.alternatives
        if news.finish:
            del self._samples[news.name]
            self.cached += news.cached
            return sample.name, self._piece(sample, self._completion(sample, news, news.finish))
        return (sample.name, self._piece(sample, None)) if len(sample.tokens) > sample.told else None

    def _piece(self, sample: _Sample, completion: Completion | None) -> Piece:
        """What the listener has not heard; a second attempt repeats the first, and its beginning is not told again."""
        if sample.text is None:
            sample.text = Text(self.tokenizer.decode, sample.request.sampling.stop)
        if completion is not None:
            text = sample.text.rest(completion.text)
        else:
            sample.text.push(sample.tokens)
            text = sample.text.news()
        tokens, logprobs = tuple(sample.tokens[sample.told :]), tuple(sample.logprobs[sample.told :])
        sample.told = max(sample.told, len(sample.tokens))
        return Piece(sample.index, text, tokens, logprobs, completion)

    def _completion(self, sample: _Sample, end: Written, finish: Finish) -> Completion:
        tokens = sample.tokens[:-1] if end.ended else sample.tokens
        text = self.tokenizer.decode(tokens)
        if finish == "stop" and not end.ended:
            found = [at for at in map(text.find, sample.request.sampling.stop) if at >= 0]
            text = text[: min(found)] if found else text
        return Completion(
            text=text,
            tokens=tuple(sample.tokens),
            logprobs=tuple(sample.logprobs),
            finish=finish,
            prompt_tokens=sample.job.prompt,
            experts=end.experts,
            seconds=end.seconds,
            versions=tuple(sample.versions),
            alternatives=tuple(sample.alternatives),
            error=end.error,
        )

    # -- weights ------------------------------------------------------------------------------------------------------

    def update(self, weights: Mapping[str, Tensor] | Path) -> None:
        """Go on with other weights: tensors under the checkpoint's names, or a folder or file of safetensors.

        Returns when they are in place. Requests under way go on from the tokens they have, with a new cache, and their
        further tokens carry the new version. Raises `StartError` where the weights do not fit; the next request then
        starts vLLM again, with the weights it had.
        """
        old, version, place = self._weights, self.version, weights
        if isinstance(place, Mapping):
            place = self.folder / f"weights-{version + 1}.safetensors"
            _save(place, weights)  # type: ignore[arg-type]
        self._weights, self.version = place.resolve(), version + 1
        self._child.send(Load(str(self._weights), self.version))
        try:
            while not self._receive():
                pass
        except StartError:
            self._weights, self.version = old, version
            raise
        if old is not None and old.parent == self.folder.resolve() and old != self._weights:
            old.unlink(missing_ok=True)

    # -- the child ----------------------------------------------------------------------------------------------------

    def _start(self) -> Process:
        child = Process(self._command(), os.environ, self.log)
        child.send(Start(self.model, self.options, None if self._weights is None else str(self._weights), self.version))
        try:
            message = child.receive(self.seconds)
        except (Lost, TimeoutError) as error:
            child.close(0)
            raise StartError(f"vLLM did not start: {error}") from error
        if not isinstance(message, Ready):
            child.close()
            raise StartError(f"vLLM did not start: {message.reason}. Its log is {self.log}")
        self.positions = message.positions
        return child

    def _command(self) -> list[str]:
        return [self.python, "-m", "whetstone.rollout.vllm.child"]

    def _receive(self) -> bool:
        """Put the child's next message into the inbox; whether it says that the latest weights are in place."""
        try:
            message = self._child.receive()
        except Lost as lost:
            self._replace(str(lost))
            return True  # a new child starts with them
        if isinstance(message, Failed):
            self._child.close()
            raise StartError(f"vLLM did not take the weights in {self._weights}: {message.reason}")
        if isinstance(message, Written):
            self._inbox.append(message)
        return isinstance(message, Loaded)

    def _replace(self, reason: str) -> None:
        """A new child for one that died; what it was working on is asked for again, once."""
        log.warning("vLLM is started again: %s", reason)
        self.restarts += 1
        ended = {written.name for written in self._inbox if written.finish}
        # What the child told of the others before it died is not to stand before what they are told anew.
        self._inbox = deque(written for written in self._inbox if written.name in ended)
        self._child = self._start()
        for sample in self._samples.values():
            if sample.job.name in ended:
                continue
            if sample.attempts == ATTEMPTS:
                self.lost += 1
                error = f"vLLM died {ATTEMPTS} times while it wrote this completion: {reason}"
                self._inbox.append(Written(sample.job.name, finish="error", error=error))
                continue
            sample.attempts += 1
            self.retried += 1
            for part in (sample.tokens, sample.logprobs, sample.versions, sample.alternatives):
                part.clear()
            self._child.send(sample.job)


class Pretrained:
    """The tokenizer of a model on disk or on the Hugging Face hub."""

    def __init__(self, model: str) -> None:
        from transformers import AutoTokenizer

        self.hf: Any = AutoTokenizer.from_pretrained(model)

    def encode(self, text: str) -> list[int]:
        """A prompt's tokens, with those that the model wants at its start."""
        return self.hf.encode(text)

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens; special tokens are left out."""
        return str(self.hf.decode(list(tokens), skip_special_tokens=True))


def _save(file: Path, weights: Mapping[str, Tensor]) -> None:
    """Write all or nothing; tensors that share memory are written once each."""
    from safetensors.torch import save_file

    part = file.with_suffix(".part")
    save_file({name: tensor.detach().contiguous().clone() for name, tensor in weights.items()}, part)
    part.replace(file)
