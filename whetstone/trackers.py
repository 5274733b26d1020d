"""Metrics of a run in TensorBoard, Weights & Biases or Trackio as well, while it goes on: Accelerate's trackers.

What counts stays in the run's own metrics.jsonl. A service that fails costs a sentence, never the run.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from whetstone.files import RunError
from whetstone.rundir import RunDir
from whetstone.settings import Recipe

PACKAGES = {"tensorboard": "tensorboard", "wandb": "wandb", "trackio": "trackio"}


@contextmanager
def reporting(recipe: Recipe, run: RunDir, console: Console) -> Iterator[None]:
    """While the block runs, what `run` logs goes to the recipe's `report_to` too.

    TensorBoard's files are in the run's folder `trackers`. Raises `RunError` where a tracker cannot be opened.
    """
    if not recipe.report_to:
        yield
        return
    trackers = Trackers(open_trackers(recipe, run), console)
    run.listeners.append(trackers.log)
    try:
        yield
    finally:
        run.listeners.remove(trackers.log)
        trackers.close()


def open_trackers(recipe: Recipe, run: RunDir) -> Any:
    """An `Accelerator` whose trackers know the recipe; a resumed run's curves go on where its metrics end."""
    import torch
    from accelerate import Accelerator

    begun = max((record["step"] for record in run.metrics()), default=0)
    more = {"tensorboard": {"purge_step": begun + 1} if begun else {}, "wandb": {"name": recipe.name, "dir": run.path}}
    on_cpu, folder = not torch.cuda.is_available(), run.path / "trackers"
    try:
        with warnings.catch_warnings(action="ignore"):  # of what is not installed, which is said below
            accelerator = Accelerator(cpu=on_cpu, log_with=list(recipe.report_to), project_dir=folder)
        accelerator.init_trackers(recipe.name, numbers(recipe.model_dump(mode="json"), text=True), more)
    except Exception as error:  # other people's services: whatever they raise, the recipe asked for what cannot be had
        needed = " ".join(PACKAGES[name] for name in recipe.report_to)
        raise RunError(
            f"report_to = {list(recipe.report_to)} cannot be opened ({error}); install it (pip install {needed}) and "
            f"log in where the service wants it, or leave it out with --set report_to=[]"
        ) from error
    found = {tracker.name for tracker in accelerator.trackers}
    if missing := [name for name in recipe.report_to if name not in found]:
        raise RunError(f"report_to: {missing[0]} is not installed; pip install {PACKAGES[missing[0]]}")
    return accelerator


class Trackers:
    """What hears of every record; after its first failure it keeps quiet."""

    def __init__(self, accelerator: Any, console: Console) -> None:
        self.accelerator, self.console, self.failed = accelerator, console, False

    def log(self, record: Mapping[str, Any]) -> None:
        """Send a record's numbers, under its step."""
        values = {name: value for name, value in numbers(record).items() if name not in ("step", "time")}
        self._try(lambda: self.accelerator.log(values, step=record["step"]))

    def close(self) -> None:
        """Send what is waiting."""
        self._try(self.accelerator.end_training)

    def _try(self, send: Any) -> None:
        if self.failed:
            return
        try:
            send()
        except Exception as error:  # other people's services: a run must not die of what only looks at it
            self.failed = True
            self.console.print(
                f"report_to failed, the run goes on without it: {error}", highlight=False, markup=False, soft_wrap=True
            )


def numbers(record: Mapping[str, Any], text: bool = False) -> dict[str, Any]:
    """The numbers in nested data by path, such as `frontier/sequences/sorting`; with `text` everything else as text.

    >>> numbers({"reward": 0.5, "stage": "grpo", "kinds": {"graded": 3}})
    {'reward': 0.5, 'kinds/graded': 3}
    """
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            found |= {f"{name}/{inner}": each for inner, each in numbers(value, text).items()}
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found[name] = value
        elif text:
            found[name] = str(value)
    return found
