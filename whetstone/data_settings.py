"""Where a stage's prompts and examples come from, when the stage is over, and who judges what code cannot."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from whetstone.curriculum.cascade import ExitSettings, chosen
from whetstone.envs.suites import show_levels
from whetstone.typed import Count, Levels, Positive, Rate, Settings, Share


def _something(patterns: tuple[str, ...]) -> tuple[str, ...]:
    chosen(patterns)
    return patterns


class JudgeSettings(Settings):
    """A judge of preference, for replies that meet all that code can check; the others earn 0."""

    kind: Literal["none", "model", "endpoint"] = "none"
    """No judge, a reward model of Transformers, or an endpoint that compares two replies, in both orders."""
    name: str = ""
    """Folder or hub name of the reward model; address of the endpoint, as in http://localhost:8000/v1#MODEL."""
    against: Positive = 1
    """Replies of its group that an endpoint compares each reply with."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.kind == "none") != (not self.name):
            raise ValueError(f"expected kind and name together, got kind {self.kind!r} and name {self.name!r}")
        return self


class Data(Settings):
    """What every source has."""

    name: str = ""
    """Names the source in metrics; unless given, its kind."""
    weight: Rate = 1.0
    """Share of the stage's prompts or rows, in proportion to the other sources' weights."""
    aggregate: Share = 0.0
    """Share of the source's prompts that show earlier attempts at their problem, as far as there are any."""
    measured: bool = True
    """Whether it is part of what the stage is measured by; not what is only there lest it be forgotten."""
    judge: JudgeSettings = JudgeSettings()
    """Who judges the replies that are right as far as code can tell; for reinforcement learning only."""

    @property
    def label(self) -> str:
        """The source's name."""
        return self.name or str(self.kind)  # type: ignore[attr-defined]


class Filtered(Data):
    """A source that may be a fixed list of problems, filtered before the stage begins."""

    again: Share = 0.0
    """Share of the prompts that are problems of the last steps once more, whose answers differed and may well again."""
    again_times: Positive = 3
    """Times that a problem is asked again at most."""
    pass_at_most: Share = 1.0
    """A listed problem stays if the policy solves it at most so often before the stage; 1 measures nothing."""
    tries: Positive = 8
    """Rollouts of each listed problem for that."""


class TaskData(Filtered):
    """Tasks that make their own problems; held-out tasks are never among them."""

    kind: Literal["tasks"] = "tasks"
    """Tasks of the catalogue."""
    include: Annotated[tuple[str, ...], Field(min_length=1, strict=False), AfterValidator(_something)]
    """Ids, patterns of ids (graphs/*), families and suites."""
    floor: Share = 0.25
    """Least chance of a task, as a share of an equal part; the rest follows what each has to teach."""
    levels: Levels = range(3)
    """Levels of supervised examples and of listed problems; otherwise the stage's frontier decides."""
    rows: Count = 0
    """Problems in a fixed list, equally many a task and level; 0 draws new ones forever, at a level that follows."""
    bare: bool = False
    """Whether supervision shows the answer alone of tasks that offer no worked solution; else it leaves them out."""


class MathData(Filtered):
    """Questions with final answers, judged exactly; one in four is kept for measuring."""

    kind: Literal["math"] = "math"
    """A set of questions and answers."""
    path: str
    """A .jsonl, .parquet or .csv file, or a set on the Hugging Face hub."""
    split: str = "train"
    """Split of a set on the hub."""
    question: str = "question"
    """Column of the question."""
    answer: str = "answer"
    """Column of the final answer."""


class ChatData(Filtered):
    """Requests to be answered as well as can be, with or without constraints; one in four is kept for measuring."""

    kind: Literal["chat"] = "chat"
    """Rows with a column prompt, and perhaps IFEval's instruction_id_list and kwargs."""
    path: str
    """A .jsonl, .parquet or .csv file, or a set on the Hugging Face hub."""
    split: str = "train"
    """Split of a set on the hub."""


class ExampleData(Data):
    """Examples to imitate; the reasoning of a long one is cut so that its answer stays."""

    kind: Literal["examples"] = "examples"
    """Rows with the column messages, or prompt and completion."""
    path: str
    """A .jsonl, .parquet or .csv file, or a set on the Hugging Face hub."""
    split: str = "train"
    """Split of a set on the hub."""


Source = Annotated[TaskData | MathData | ChatData | ExampleData, Field(discriminator="kind")]
LEARNT = {"sft": ("tasks", "examples"), "grpo": ("tasks", "math", "chat")}


class Attempts(Settings):
    """Prompts that show earlier attempts at a problem: ZAYA1's test-time-compute prompts (arXiv 2605.05365)."""

    shown: Positive = 4
    """Attempts in a prompt."""
    tail: Positive = 4096
    """Tokens of each, from the end of its reasoning."""
    problems: Positive = 1024
    """Problems whose attempts are remembered."""
    kept: Positive = 16
    """Attempts remembered of a problem."""
    staleness: Positive = 8
    """Training steps after which an attempt is forgotten."""

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.shown > self.kept:
            raise ValueError(f"shown must be at most kept, but {self.shown} > {self.kept}")
        return self


class Until(Settings):
    """When the stage is over before its last step; whichever rule holds first. Plan for it with `decay` 0."""

    measure: Literal["", "accuracy", "reward", "mean_frontier", "loss"] = ""
    """What is watched, as metrics.jsonl has it; nothing unless given."""
    target: Annotated[float, Field(ge=0)] = 0.0
    """The stage is over when the mean reaches this; 0 has no target."""
    plateau: Count = 0
    """The stage is over after so many steps in which the mean gained less than `gain`; 0 waits for ever."""
    gain: Rate = 0.01
    """Least improvement of the mean that counts."""
    window: Positive = 20
    """Steps over which the mean is taken."""

    @model_validator(mode="after")
    def _watched(self) -> Self:
        if bool(self.measure) != bool(self.target or self.plateau):
            raise ValueError("expected a measure together with a target or a plateau")
        return self

    @property
    def rule(self) -> ExitSettings:
        """The rule as the curriculum has it."""
        return ExitSettings(self.target, self.plateau, self.gain, self.window, falling=self.measure == "loss")


def summary(source: TaskData | MathData | ChatData | ExampleData) -> str:
    """A source in a line, without its weight."""
    match source:
        case TaskData():
            listed = f"{source.rows} problems of levels {show_levels(source.levels)}" if source.rows else "new problems"
            what = f"{listed} of {len(chosen(source.include))} tasks"
        case _:
            what = source.path
    more = f", aggregations {source.aggregate:.0%}" if source.aggregate else ""
    more += f", asked again {source.again:.0%}" if isinstance(source, Filtered) and source.again else ""
    if isinstance(source, Filtered) and source.pass_at_most < 1:
        more += f", solved at most {source.pass_at_most:.0%} of {source.tries} times"
    if source.judge.kind != "none":
        more += f", judged by {source.judge.name}"
    return f"{source.label}: {what}{more}"
