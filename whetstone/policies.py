"""What can be evaluated, by the words that a command line has for it.

runs/quickstart                a run of ours: the last checkpoint of each stage
runs/quickstart/checkpoints/…  one checkpoint (any folder with our weights)
hf:NAME_OR_FOLDER              a model of Transformers, by its `generate`; or PEFT's adapter on the model that it names
hf-4bit:NAME_OR_FOLDER         the same with linear layers in 4 bits (bitsandbytes; slow on a CPU)
vllm:NAME_OR_FOLDER            a model that vLLM runs, in a child process
http://host:8000/v1            an OpenAI-compatible server; #MODEL behind it names the model
openai:MODEL                   the same at OPENAI_BASE_URL (OpenAI's own unless set), with the key OPENAI_API_KEY
oracle, null, random           what perfection, silence and chance score
"""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any, Literal

from whetstone.baselines import BASELINES, baseline
from whetstone.exam import Item, problems_of
from whetstone.files import RunError
from whetstone.rollout.strategies.driver import Completing
from whetstone.rollout.strategies.markovian_rsa import Tokenizer
from whetstone.rollout.types import Completion, Request, Sampler

Kind = Literal["run", "checkpoint", "hf", "vllm", "endpoint", "baseline"]
NAMED: dict[str, Kind] = {"hf": "hf", "hf-4bit": "hf", "vllm": "vllm", "openai": "endpoint"}  # by what stands before :
RUN = 4  # characters of a run that count as a token where nobody knows better


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """A policy by its kind, the words it was named by, and a short label for folders and tables."""

    kind: Kind
    text: str
    label: str
    path: Path | None = None


@dataclass(frozen=True)
class Policy:
    """A policy that is ready: its sampler, the tokenizer that strategies count with, and where it runs.

    `positions` are the tokens of prompt and completion together that it can run, None where nobody knows.
    """

    sampler: Sampler | Completing
    tokenizer: Tokenizer
    device: str = "cpu"
    positions: int | None = None

    def refusal(self, prompt: str, new: int) -> str:
        """Why the policy's context has no room for a prompt and `new` tokens; "" if it has, or if nobody knows."""
        if self.positions is None:
            return ""
        tokens = len(self.tokenizer.encode(prompt))
        if tokens + new <= self.positions:
            return ""
        return (
            f"a prompt of {tokens} tokens and max_tokens={new} need more than this policy's {self.positions} positions"
        )


def parse_policy(text: str) -> list[PolicySpec]:
    """The policies that `text` names: one, or one a stage for a run. Raises `RunError` or `ValueError`."""
    if text in BASELINES:
        return [PolicySpec("baseline", text, text)]
    prefix, colon, name = text.partition(":")
    if re.match(r"https?://", text):
        return [PolicySpec("endpoint", text, slug(text.rpartition("#")[2].removeprefix("http://")))]
    if colon and prefix in NAMED:
        if not name:
            raise ValueError(f"expected a model's name after {prefix}:")
        return [PolicySpec(NAMED[prefix], text, slug(name) + "-4bit" * (prefix == "hf-4bit"))]
    path = Path(text)
    if (path / "config.toml").is_file():
        return _of_run(path)
    if (path / "config.json").is_file():
        return [PolicySpec("checkpoint", text, slug(path.name), path)]
    if path.exists():
        raise RunError(f"{path} is neither a run (config.toml) nor a checkpoint (config.json)")
    raise RunError(
        f"there is no run in {path}; a policy is a run, a checkpoint, hf:NAME, hf-4bit:NAME, vllm:NAME, openai:MODEL, "
        f"an http://…/v1 address, or one of {', '.join(BASELINES)}"
    )


def _of_run(path: Path) -> list[PolicySpec]:
    from whetstone.rundir import RunDir, verify

    chosen = {found.stage: found.path for found in RunDir.open(path).checkpoints()}  # the oldest first: the last stays
    if not chosen:
        raise RunError(f"{path} has no checkpoint yet; continue with `whetstone train --resume {path}`")
    for folder in chosen.values():
        verify(folder)
    return [PolicySpec("run", str(folder), stage, folder) for stage, folder in chosen.items()]


def slug(text: str) -> str:
    """A name that a folder may have.

    >>> slug("Qwen/Qwen3-0.6B"), slug("localhost:8000/v1")
    ('Qwen3-0.6B', 'localhost-8000-v1')
    """
    last = text.rstrip("/").rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text if last in ("v1", "") else last).strip("-.") or "policy"


def open_policy(spec: PolicySpec, items: Sequence[Item], threads: int = 1, logprobs: bool = False) -> Policy:
    """Load the policy; the oracle is told the problems of `items`, an endpoint whether log-probabilities are wanted."""
    openers: dict[str, Callable[[], Policy]] = {
        "baseline": lambda: Policy(baseline(spec.text, problems_of(items)), Runs()),
        "run": lambda: _ours(spec, threads),
        "checkpoint": lambda: _ours(spec, threads),
        "hf": lambda: _hugging_face(spec.text),
        "vllm": lambda: _vllm(spec.text.partition(":")[2]),
        "endpoint": lambda: _endpoint(spec.text, logprobs),
    }
    return openers[spec.kind]()


def _ours(spec: PolicySpec, threads: int) -> Policy:
    from whetstone.train import open_sampler

    assert spec.path is not None
    engine = open_sampler(spec.path, threads)
    return Policy(engine, engine.tokenizer, _device(), int(engine.model.config.max_position_embeddings))


def _hugging_face(text: str) -> Policy:
    from whetstone.huggingface import HuggingFace

    prefix, _, name = text.partition(":")
    sampler = HuggingFace(name, quantize=prefix == "hf-4bit")
    return Policy(sampler, sampler.tokenizer, _device())


def _vllm(name: str) -> Policy:
    from transformers import AutoTokenizer

    from whetstone.huggingface import Tokens
    from whetstone.rollout.vllm.backend import VLLM

    tokens = Tokens(AutoTokenizer.from_pretrained(name))
    return Policy(Chats(VLLM(name, tokens), tokens), tokens, _device())


def _endpoint(text: str, logprobs: bool) -> Policy:
    from whetstone.rollout.openai import Endpoint

    address, _, model = text.partition("#")
    key = os.environ.get("OPENAI_API_KEY")
    if text.startswith("openai:"):
        address, model = os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1"), text.partition(":")[2]
    return Policy(Endpoint(address, model or _served(address, key), key=key, logprobs=logprobs), Runs(), address)


def _served(address: str, key: str | None) -> str:
    """The first model that a server has. Raises `RunError` where it cannot be asked."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    asked = urllib.request.Request(f"{address.rstrip('/')}/models", headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=30) as reply:
            return str(json.load(reply)["data"][0]["id"])
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        raise RunError(f"{address} does not say which models it has ({error}); name one: {address}#MODEL") from error


def _device() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


class Chats:
    """A sampler that is asked in tokens, with each text prompt as a chat where the model has a template."""

    def __init__(self, sampler: Sampler, tokens: Any) -> None:
        self.sampler, self.tokens = sampler, tokens

    def generate(self, requests: Sequence[Request]) -> list[list[Completion]]:
        """`n` completions for each request, in the order of the requests."""
        return self.sampler.generate([self._tokenized(request) for request in requests])

    def _tokenized(self, request: Request) -> Request:
        if isinstance(request.prompt, str):
            return replace(request, prompt=tuple(self.tokens.prompt(request.prompt)))
        return request


class Runs:
    """A stand-in for a tokenizer that nobody has: a token is a run of four characters.

    >>> Runs().decode(Runs().encode("naïve text"))
    'naïve text'
    """

    def encode(self, text: str) -> list[int]:
        pieces = (text[i : i + RUN] for i in range(0, len(text), RUN))
        return [int.from_bytes(piece.encode("utf-32-le", "surrogatepass"), "little") for piece in pieces]

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(
            token.to_bytes(-(-token.bit_length() // 32) * 4, "little").decode("utf-32-le", "surrogatepass")
            for token in tokens
        )
