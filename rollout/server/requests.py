"""What may be asked of the server, checked; everything wrong is one sentence that names the parameter."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from whetstone.rollout.strategies import StrategySpec, parse_strategy
from whetstone.rollout.types import Sampling

Tokens = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
IGNORED = ("metadata", "parallel_tool_calls", "prompt_cache_key", "safety_identifier", "service_tier", "store", "user")
NEUTRAL = {"frequency_penalty": (0,), "presence_penalty": (0,), "logit_bias": ({},), "repetition_penalty": (1,)}
NEUTRAL |= {"best_of": (1,), "echo": (False,), "suffix": ("",)}


class Invalid(Exception):
    """A request that cannot be served: HTTP status, what is wrong, and with which parameter."""

    def __init__(self, message: str, param: str | None = None, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.param, self.code = status, param, code


class StreamOptions(BaseModel):
    """What to send besides the text."""

    model_config = ConfigDict(extra="ignore")
    include_usage: bool = False


class Body(BaseModel):
    """What chat and completions share. Beyond OpenAI's: top_k, min_p, stop_token_ids, strategy, return_token_ids."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = None
    max_tokens: Count | None = None
    temperature: Finite | None = None
    top_p: Finite | None = None
    top_k: Annotated[int, Field(lt=1 << 31)] | None = None
    min_p: Finite | None = None
    n: Count | None = None
    stop: str | list[str] | None = None
    stop_token_ids: list[int] | None = None
    seed: int | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    strategy: str | dict[str, Any] | None = None
    return_token_ids: bool | None = None


class ChatBody(Body):
    """The body of /v1/chat/completions."""

    messages: Annotated[list[dict[str, Any]], Field(min_length=1)]
    max_completion_tokens: Count | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: Literal["none", "auto"] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    chat_template_kwargs: dict[str, Any] | None = None


class CompletionBody(Body):
    """The body of /v1/completions."""

    prompt: str | Tokens | Annotated[list[str], Field(min_length=1)] | Annotated[list[Tokens], Field(min_length=1)]
    logprobs: Annotated[int, Field(ge=0, le=20)] | None = None


AnyBody = TypeVar("AnyBody", bound=Body)


def read_body(raw: bytes, kind: type[AnyBody]) -> AnyBody:
    """The body as a `kind`; raises `Invalid`."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:  # the latter of brackets in brackets in brackets
        raise Invalid(f"the body is no valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise Invalid(f"the body must be a JSON object, not {type(data).__name__}")
    for name, values in NEUTRAL.items():
        if data.pop(name, None) not in (None, *values):
            raise Invalid(f"{name} is not supported; leave it out", name)
    form = data.pop("response_format", None)
    if form not in (None, {"type": "text"}):
        raise Invalid("response_format is not supported; leave it out", "response_format")
    for name in IGNORED:
        data.pop(name, None)
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise _invalid(error, kind) from error


def _invalid(error: ValidationError, kind: type[Body]) -> Invalid:
    problem = error.errors(include_url=False)[0]
    param = str(problem["loc"][0]) if problem["loc"] else None
    if problem["type"] == "extra_forbidden":
        return Invalid(f"unknown parameter {param!r}; expected some of {', '.join(sorted(kind.model_fields))}", param)
    if problem["type"] == "missing":
        return Invalid(f"{param} is missing", param)
    return Invalid(f"{param}: {problem['msg']}, got {json.dumps(problem['input'], default=str)[:80]}", param)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for besides its prompt, in our terms."""

    sampling: Sampling
    limited: bool  # whether the request set max_tokens; else the context is the limit
    n: int
    seed: int
    strategy: StrategySpec | None
    logprobs: bool
    stream: bool
    usage: bool  # at the end of a stream
    token_ids: bool


def wish(body: ChatBody | CompletionBody, defaults: Mapping[str, Any], strategy: StrategySpec | None) -> Wish:
    """The request's wishes; `defaults` are sampling parameters, `strategy` what to do where it names none.

    Raises `Invalid`.
    """
    given = {name: getattr(body, name) for name in ("temperature", "top_p", "top_k", "min_p", "max_tokens")}
    if isinstance(body, ChatBody):
        given["max_tokens"] = body.max_completion_tokens or body.max_tokens
        alternatives, logprobs = body.top_logprobs or 0, bool(body.logprobs)
        if alternatives and not logprobs:
            raise Invalid("top_logprobs needs logprobs: true", "top_logprobs")
    else:
        alternatives, logprobs = body.logprobs or 0, body.logprobs is not None
    chosen = {**defaults, **{name: value for name, value in given.items() if value is not None}}
    limited = "max_tokens" in chosen
    try:
        sampling = Sampling(
            **chosen, stop=_stops(body.stop), stop_tokens=tuple(body.stop_token_ids or ()), alternatives=alternatives
        )
    except ValueError as error:
        raise Invalid(str(error), str(error).split()[0]) from error
    try:
        spec = parse_strategy(body.strategy) if body.strategy is not None else strategy
    except ValueError as error:
        raise Invalid(str(error), "strategy") from error
    return Wish(
        sampling,
        limited,
        n=body.n or 1,
        seed=secrets.randbits(31) if body.seed is None else body.seed % (1 << 31),
        strategy=spec,
        logprobs=logprobs,
        stream=bool(body.stream),
        usage=bool(body.stream_options and body.stream_options.include_usage),
        token_ids=bool(body.return_token_ids),
    )


def _stops(stop: str | Sequence[str] | None) -> tuple[str, ...]:
    if stop is None:
        return ()
    return (stop,) if isinstance(stop, str) else tuple(stop)


def tools_of(body: ChatBody) -> list[dict[str, Any]]:
    """The tools that may be called; raises `Invalid` for one without a function's name."""
    if body.tool_choice == "none" or not body.tools:
        return []
    for tool in body.tools:
        function = tool.get("function")
        if (
            tool.get("type") != "function"
            or not isinstance(function, dict)
            or not isinstance(function.get("name"), str)
        ):
            raise Invalid('tools: expected {"type": "function", "function": {"name": …}}', "tools")
    return body.tools


def prompts_of(body: CompletionBody) -> list[str | tuple[int, ...]]:
    """The prompts, each text or token ids."""
    prompt = body.prompt
    if isinstance(prompt, str):
        return [prompt]
    if isinstance(prompt[0], int):
        return [tuple(prompt)]  # type: ignore[list-item]
    return [one if isinstance(one, str) else tuple(one) for one in prompt]  # type: ignore[arg-type]
