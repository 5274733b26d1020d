"""From the body of a request to a job: prompts in token ids, what to sample, and whether it fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from whetstone.rollout.chat import Chat, ReplyParser, text_of
from whetstone.rollout.server.replies import Replies
from whetstone.rollout.server.requests import ChatBody, CompletionBody, Invalid, Wish, prompts_of, tools_of, wish
from whetstone.rollout.strategies import MarkovianRSA, Planned, StrategySpec
from whetstone.rollout.types import Sampling


@dataclass(frozen=True, slots=True)
class Served:
    """The policy that is served, and how.

    `positions` is its context in tokens; `defaults` are sampling parameters for requests that set none; `strategy` is
    followed by requests that name none; `seconds` is the longest that a request may take.
    """

    name: str
    tokenizer: Any
    positions: int
    defaults: Mapping[str, Any] = field(default_factory=dict)
    strategy: StrategySpec | None = None
    seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class Job:
    """A request, understood: what to sample, how much room that takes, and who writes the answer."""

    wish: Wish
    prompts: list[tuple[int, ...]]
    replies: Replies
    strategy: Planned | None
    question: str
    render: Callable[[str], tuple[int, ...]]  # a strategy's prompt as the policy reads it

    @property
    def samples(self) -> int:
        """The most samples at a time."""
        return self.wish.n * len(self.prompts) if self.strategy is None else self.strategy.width


class Jobs:
    """Makes jobs for one policy; its methods raise `Invalid`."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.chat_format = Chat(served.tokenizer)

    def chat(self, body: ChatBody) -> Job:
        asked, tools = self._wish(body), tools_of(body)

        def prompt(messages: list[dict[str, Any]]) -> tuple[tuple[int, ...], bool]:
            try:
                rendered, thinking = self.chat_format.prompt(messages, tools, body.chat_template_kwargs)
            except ValueError as error:
                raise Invalid(str(error), str(error).partition(":")[0]) from error
            return self._ids(rendered), thinking

        for message in body.messages:
            if not isinstance(message.get("role"), str):
                raise Invalid("messages: each needs a role, such as user", "messages")
        ids, thinking = prompt(body.messages)
        *before, last = body.messages
        return self._job(
            asked,
            [ids],
            parser=lambda: ReplyParser(thinking, tools),
            question=text_of(last),
            render=lambda text: prompt([*before, {**last, "content": text}])[0],
        )

    def completion(self, body: CompletionBody) -> Job:
        asked, prompts = self._wish(body), prompts_of(body)
        question = prompts[0] if len(prompts) == 1 and isinstance(prompts[0], str) else ""
        if asked.strategy and asked.strategy.name != "single" and not question:
            raise Invalid("strategy: needs one prompt, as text", "prompt")
        return self._job(asked, [self._ids(prompt) for prompt in prompts], None, question, self._ids)

    def unknown(self, name: str) -> Invalid:
        """What to say of a model that is not served."""
        message = f"there is no model {name!r} here, only {self.served.name!r}"
        return Invalid(message, "model", HTTPStatus.NOT_FOUND, "model_not_found")

    def _wish(self, body: ChatBody | CompletionBody) -> Wish:
        if body.model not in (None, self.served.name):
            raise self.unknown(body.model)
        return wish(body, self.served.defaults, self.served.strategy)

    def _ids(self, prompt: str | tuple[int, ...]) -> tuple[int, ...]:
        ids = tuple(self.served.tokenizer.encode(prompt)) if isinstance(prompt, str) else prompt
        if not ids:
            raise Invalid("the prompt is empty; it needs at least one token", "prompt")
        return ids

    def _job(
        self,
        asked: Wish,
        prompts: list[tuple[int, ...]],
        parser: Callable[[], ReplyParser] | None,
        question: str,
        render: Callable[[str], tuple[int, ...]],
    ) -> Job:
        longest = max(map(len, prompts))
        if not asked.limited:
            room = max(1, self.served.positions - longest)
            asked = replace(asked, sampling=replace(asked.sampling, max_tokens=room))
        strategy = None
        if asked.strategy is not None and asked.strategy.name != "single":
            strategy = self._strategy(asked)
            if isinstance(strategy, MarkovianRSA) and strategy.rounds:
                longest = (
                    len(render(strategy.template.render(question, [""] * strategy.c))) + strategy.c * strategy.tail
                )
        self._fits(longest, asked.sampling, strategy is not None)
        replies = Replies(self.served.name, asked, prompts, self.served.tokenizer.decode, parser)
        return Job(asked, prompts, replies, strategy, question, render)

    def _strategy(self, asked: Wish) -> Planned:
        assert asked.strategy is not None
        if not asked.limited:
            raise Invalid(f"{asked.strategy.name} needs max_tokens, the budget of a candidate", "max_tokens")
        try:
            strategy = asked.strategy.build(self.served.tokenizer, asked.sampling)
        except ValueError as error:
            raise Invalid(f"strategy: {error}", "strategy") from error
        if asked.n > strategy.size:
            raise Invalid(f"n: {asked.strategy.name} ends with {strategy.size} candidates, not {asked.n}", "n")
        return strategy

    def _fits(self, longest: int, sampling: Sampling, aggregated: bool) -> None:
        total = longest + sampling.max_tokens
        if total > self.served.positions:
            what = "a prompt with its tails" if aggregated else "a prompt"
            raise Invalid(
                f"{what} of {longest} tokens and max_tokens={sampling.max_tokens} need {total} positions; "
                f"this policy has {self.served.positions}. Shorten the prompt or lower max_tokens",
                code="context_length_exceeded",
            )
