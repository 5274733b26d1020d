"""A batch whose gradient was not finite, kept with the weights it met, and run again row by row to find the cause."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch

from whetstone.policy.batch import MicroBatch, Row, Scorer
from whetstone.policy.checkpoint import load_policy, save_policy
from whetstone.policy.learner import Totals
from whetstone.policy.loss import Correction, LossSettings
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.teaching import GrpoSettings
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.trainer import objective_of
from whetstone.policy.weights import CheckpointError
from whetstone.rollout.types import Sampling

BATCH = "batch.pt"


def save_batch(
    folder: Path, rows: Sequence[Row], settings: GrpoSettings, policy: ZayaPolicy, tokenizer: TextTokenizer
) -> None:
    """Write a batch, the settings of its loss and the policy into `folder`. A skipped step left the weights alone."""
    save_policy(policy, tokenizer, folder)
    plain = [{field.name: _plain(getattr(row, field.name)) for field in fields(row)} for row in rows]
    torch.save({"rows": plain, "settings": asdict(settings)}, folder / BATCH)


def _plain(value: Any) -> Any:
    if hasattr(value, "__array__"):
        return torch.as_tensor(value)
    return list(value) if isinstance(value, Sequence) else value


def load_batch(folder: Path) -> tuple[list[Row], GrpoSettings]:
    """What `save_batch` wrote. Raises `CheckpointError`."""
    try:
        state = torch.load(folder / BATCH, weights_only=True)
    except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(f"{folder / BATCH} is missing or damaged: {reason}") from error
    given = state["settings"]
    loss = LossSettings(**given["loss"] | {"correction": Correction(**given["loss"]["correction"])})
    settings = GrpoSettings(**given | {"sampling": Sampling(**given["sampling"]), "loss": loss})
    return [Row(**row | {"experts": _array(row["experts"])}) for row in state["rows"]], settings


def _array(tensor: torch.Tensor | None) -> np.ndarray | None:
    return None if tensor is None else tensor.numpy()


@dataclass(frozen=True, slots=True)
class Replayed:
    """One row of a batch, alone: its part of the loss, the norm of its gradient, and its text."""

    row: int
    loss: float
    grad_norm: float
    tokens: int
    text: str

    @property
    def finite(self) -> bool:
        """Whether the row is as it should be."""
        return math.isfinite(self.loss) and math.isfinite(self.grad_norm)


def replay_batch(folder: Path) -> list[Replayed]:
    """Run a saved batch through the policy that it met, one row at a time, with the weights of the whole batch.

    Where every row is finite, their sum was not: their gradients overflowed together. Raises `CheckpointError`.
    """
    rows, settings = load_batch(folder)
    policy, tokenizer = load_policy(folder)
    scorer, objective = Scorer(policy), objective_of(settings)
    totals = Totals(sum(len(row.completion) for row in rows), round(sum(row.share for row in rows)))
    found = []
    for i, row in enumerate(rows):
        batch = MicroBatch.of([row])
        logprob_R, entropy_R, _ = scorer(batch, settings.temperature)
        loss, _ = objective(batch, logprob_R, entropy_R, totals)
        scorer.zero_grad(set_to_none=True)
        loss.backward()
        gradients = [p.grad.norm() for p in scorer.parameters() if p.grad is not None]
        norm = float(torch.stack(gradients).norm()) if gradients else 0.0
        found.append(
            Replayed(i, float(loss.detach()), norm, len(row.completion), tokenizer.decode(list(row.completion)))
        )
    return found
