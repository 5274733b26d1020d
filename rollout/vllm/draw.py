"""Our own sampling inside vLLM, as one of its logits processors.

Unusual here: the processor draws the token itself and leaves vLLM no choice. It writes -log p, which is never negative,
at the token it drew, log p at the alternatives and -inf elsewhere; vLLM, told to be greedy and to report the processed
logits, picks that token and hands its log-probability out with it. So a seed means the same here as in the in-process
engine (one key a sample, whatever else is in the batch), log-probabilities are those of the distribution that was
sampled, and no generator of vLLM's is used (in 0.32 on CPUs a seeded request whose prompt is prefilled in chunks stops
the engine). NaN in a row of logits comes out as +inf, which no log-probability is.

Legend: B rows of the batch, A rows that are ours, V vocabulary.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# (vLLM lives in an environment of its own, see docs/vllm.md)

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from vllm import SamplingParams
from vllm.config import VllmConfig
from vllm.v1.sample.logits_processor import BatchUpdate, LogitsProcessor
from vllm.v1.sample.logits_processor.builtin import process_dict_updates

from whetstone.rollout.engine.sampling import Draw, sample
from whetstone.rollout.types import Sampling

SETTINGS = "whetstone"  # in SamplingParams.extra_args: (key, temperature, top_k, top_p, min_p, alternatives)


class _Row(NamedTuple):
    key: int
    sampling: Sampling
    written: Sequence[int]  # vLLM's own list, which grows


class _Rows(Draw):
    """The rows of a batch; how many tokens each has drawn is read off vLLM's lists, which know of retries."""

    def __init__(self, rows: Sequence[_Row], device: torch.device) -> None:
        super().__init__([row.sampling for row in rows], [row.key for row in rows], [0] * len(rows), device)
        self.written = [row.written for row in rows]

    def numbers(self) -> Tensor:
        count_A = np.array([len(written) for written in self.written], dtype=np.uint64)
        return self.numbers_after(count_A)[:, None]


class Drawing(LogitsProcessor):
    """Draws for the requests that carry `SETTINGS`; others pass untouched."""

    def __init__(self, vllm_config: VllmConfig, device: torch.device, is_pin_memory: bool) -> None:
        self.device = device
        self.rows: dict[int, _Row] = {}
        self.draw: _Rows | None = None
        self.index_A = torch.zeros(0, dtype=torch.long, device=device)

    def is_argmax_invariant(self) -> bool:
        return False

    def update_state(self, batch_update: BatchUpdate | None) -> None:
        if process_dict_updates(self.rows, batch_update, _row):
            order = sorted(self.rows)
            self.index_A = torch.tensor(order, dtype=torch.long, device=self.device)
            self.draw = _Rows([self.rows[i] for i in order], self.device) if order else None

    def apply(self, logits: Tensor) -> Tensor:
        """Logits (B, V) with the drawn tokens in them."""
        if self.draw is None:
            return logits
        token_A, logprob_A, best = sample(logits[self.index_A], self.draw)
        marked_AV = logits.new_full((len(token_A), logits.shape[1]), -torch.inf)
        if best is not None:
            marked_AV.scatter_(1, best[0], best[1].to(marked_AV.dtype))
        mark_A = torch.where(logprob_A.isnan(), torch.inf, -logprob_A)
        marked_AV.scatter_(1, token_A[:, None], mark_A[:, None].to(marked_AV.dtype))
        logits[self.index_A] = marked_AV
        return logits


def _row(params: SamplingParams, prompt: list[int] | None, written: list[int]) -> _Row | None:
    settings = (params.extra_args or {}).get(SETTINGS)
    if settings is None:
        return None
    key, temperature, top_k, top_p, min_p, alternatives = settings
    sampling = Sampling(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p, alternatives=alternatives)
    return _Row(key, sampling, written)
