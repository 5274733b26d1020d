"""One step of learning: rows → packed micro-batches → loss → one step of the optimizer, on Accelerate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import torch
from accelerate import Accelerator
from torch import Tensor

from whetstone.policy.batch import MicroBatch, Row, Scorer, micro_batches
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.optimizer import Optimizers
from whetstone.policy.parallel import Sharded
from whetstone.policy.router import Balancer, load_entropy, route_counts


@dataclass(frozen=True, slots=True)
class Totals:
    """Sizes of a whole batch over all processes, by which a micro-batch's loss is normalised.

    The chunks of one trace are one row together.
    """

    tokens: int
    rows: int


T = TypeVar("T")
Spread = Literal["ddp", "fsdp"]
LARGEST = ("sampler_gap",)  # metrics of which a batch has the largest of its parts; of all others it has the sum
Pack = Callable[[Sequence[Row], int, torch.device], Iterable[MicroBatch]]
Objective = Callable[[MicroBatch, Tensor, Tensor, Totals], tuple[Tensor, dict[str, float]]]
Veto = Callable[[Mapping[str, float]], bool]
"""Sees the whole batch's metrics, `grad_norm` among them, before the optimizer steps; true leaves the step out."""


class Learner:
    """A policy, its optimizers and its balancer; `update` takes one step on a batch of rows.

    Accelerate decides where and on how many processes: CPU, one GPU and several processes run the same lines. Several
    hold the weights, gradients and moments whole each (`ddp`) or spread over all (`fsdp`, see `parallel`), and then may
    share the experts of a layer, `expert_parallel` of them. `policy` is whole either way. Rows are the process's own
    share of the batch. `micro_tokens` bounds a micro-batch, and with it the memory of a step; `pack` says which rows
    are in one.
    """

    def __init__(
        self,
        policy: ZayaPolicy,
        optimizers: Optimizers,
        *,
        grad_clip: float = 1.0,
        micro_tokens: int = 4096,
        balancer: Balancer | None = None,
        accelerator: Accelerator | None = None,
        pack: Pack = micro_batches,
        parallel: Spread = "ddp",
        expert_parallel: int = 1,
    ) -> None:
        self.accelerator = accelerator or Accelerator(cpu=not torch.cuda.is_available())
        self.policy, self.balancer = policy, balancer
        self.sharded: Sharded | None = None
        if parallel == "fsdp" and self.accelerator.num_processes > 1:
            self.sharded = Sharded(policy, optimizers.optimizers, expert_parallel)
            self.scorer, self.optimizers = self.sharded.scorer, optimizers
        else:
            self.scorer, *prepared = self.accelerator.prepare(Scorer(policy), *optimizers.optimizers)
            self.optimizers = Optimizers(prepared)
        self.grad_clip, self.micro_tokens, self.pack = grad_clip, micro_tokens, pack

    def update(
        self,
        rows: Sequence[Row],
        objective: Objective,
        factor: float,
        temperature: float = 1.0,
        veto: Veto | None = None,
    ) -> dict[str, float]:
        """One step at `factor` times the learning rates; the metrics of the whole batch, as far as they are finite.

        A step whose gradient is not finite, or that `veto` is against, changes nothing and reports `skipped_steps` 1.
        """
        totals = self._totals(rows)
        if not totals.tokens:
            return {"rows": 0.0}
        metrics: dict[str, float] = {}
        counts_LE = torch.zeros(
            len(self.policy.routers), self.policy.config.num_experts + 1, device=self.accelerator.device
        )
        batches = self._batches(rows)
        for i, (batch, weight) in enumerate(batches):
            with self._synchronised(last=i == len(batches) - 1):
                logprob_R, entropy_R, routes_NX = self.scorer(batch, temperature)
                loss, found = objective(batch, logprob_R, entropy_R, totals)
                self.accelerator.backward(loss * weight * self.accelerator.num_processes)
            for name, value in {"loss": float(loss.detach()), **found}.items():
                before = metrics.get(name, 0.0)
                metrics[name] = max(before, weight * value) if name in LARGEST else before + weight * value
            counts_LE += weight * route_counts(routes_NX, *counts_LE.shape)
        metrics = self._over_processes(metrics)
        metrics |= self._step(factor, self.accelerator.reduce(counts_LE), metrics, veto)  # type: ignore[arg-type]
        metrics |= {"rows": float(totals.rows), "tokens": float(totals.tokens)}
        return {name: value for name, value in metrics.items() if math.isfinite(value)}

    def _over_processes(self, metrics: dict[str, float]) -> dict[str, float]:
        values = torch.tensor([list(metrics.values())], dtype=torch.float64).to(self.accelerator.device)
        values_P = self.accelerator.gather(values).unbind(1)  # type: ignore[union-attr]
        return {
            name: float(parts.max() if name in LARGEST else parts.sum())
            for name, parts in zip(metrics, values_P, strict=True)
        }

    def share(self, items: Sequence[T]) -> Sequence[T]:
        """This process's part of what all processes hold alike."""
        return items[self.accelerator.process_index :: self.accelerator.num_processes]

    def total(self, *values: float) -> list[float]:
        """Each value summed over the processes."""
        sums = self.accelerator.reduce(torch.tensor(values, dtype=torch.float64).to(self.accelerator.device))
        return sums.tolist()  # type: ignore[union-attr]

    def _totals(self, rows: Sequence[Row]) -> Totals:
        tokens, count = self.total(sum(len(row.completion) for row in rows), sum(row.share for row in rows))
        return Totals(int(tokens), round(count))

    def _batches(self, rows: Sequence[Row]) -> list[tuple[MicroBatch, float]]:
        """(micro-batch, weight): every process runs equally many, padded with ones that weigh nothing."""
        device = self.accelerator.device
        batches = [(batch, 1.0) for batch in self.pack(rows, self.micro_tokens, device)]
        count = torch.tensor(len(batches), device=device)
        most = int(self.accelerator.gather(count.reshape(1)).max())  # type: ignore[union-attr]
        idle = MicroBatch.of([Row([0], [0], sampled=[0.0], old=[0.0], reference=[0.0])], device)
        return batches + [(idle, 0.0)] * (most - len(batches))

    def _synchronised(self, last: bool) -> Any:
        """Gradients are exchanged once, after the last micro-batch; those of shards each time, for none is whole."""
        return torch.enable_grad() if last or self.sharded else self.accelerator.no_sync(self.scorer)

    def _step(
        self, factor: float, counts_LE: Tensor, metrics: Mapping[str, float], veto: Veto | None
    ) -> dict[str, float]:
        clip = self.sharded.clip if self.sharded else self._clip
        norm = torch.as_tensor(clip(self.grad_clip))
        finite = bool(norm.isfinite())
        steps = finite and not (veto and veto({**metrics, "grad_norm": float(norm)}))
        if steps:
            self.optimizers.step(factor)
        self.scorer.zero_grad(set_to_none=True)
        if steps and self.balancer:
            self.balancer.step(counts_LE)
        if steps and self.sharded:
            self.sharded.publish()
        skipped = float(counts_LE[:, -1].sum() / counts_LE.sum().clamp_min(1))
        return {
            "grad_norm": float(norm),
            "skipped_steps": float(not steps),
            "nonfinite_steps": float(not finite),
            "routing_entropy": float(load_entropy(counts_LE).mean()),
            "skip_rate": skipped,
        }

    def _clip(self, limit: float) -> Any:
        return self.accelerator.clip_grad_norm_(self.scorer.parameters(), limit)

    def state_dict(self) -> dict[str, Any]:
        """The optimizers and the balancer (the weights are saved as a checkpoint of their own).

        The same however many processes there are. Where weights are spread every process has to call this, and only
        the first gets anything.
        """
        state = self.sharded.state_dict() if self.sharded else {"optimizers": self.optimizers.state_dict()}
        return {**state, "balancer": self.balancer.state_dict() if self.balancer else None}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if self.sharded:
            self.sharded.load_state_dict(state)
        else:
            self.optimizers.load_state_dict(state["optimizers"])
        if self.balancer:
            self.balancer.load_state_dict(state["balancer"])
