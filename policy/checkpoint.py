"""Policies on disk, in Transformers' own format, and whatever else a run needs to go on.

A folder that `save_policy` wrote opens with `AutoModelForCausalLM.from_pretrained`, and `load_policy` reads any
unsharded or sharded Zaya checkpoint. Nothing is loaded from a checkpoint that does not fit in every tensor, and what
is loaded is in memory once: the host needs the model's own size and `weights.CHUNK` bytes more.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from accelerate import init_empty_weights
from huggingface_hub.errors import StrictDataclassError
from transformers import ZayaConfig

from whetstone.policy import config
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.weights import SHARD, CheckpointError, Source, Stored, find, require, write

STATE = "state.pt"
TIED = "lm_head.weight"


def save_policy(policy: ZayaPolicy, tokenizer: TextTokenizer, folder: Path, shard: int = SHARD) -> None:
    """Write weights (in files of at most `shard` bytes), configuration and tokenizer into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach() for name, tensor in policy.state_dict().items()}
    if policy.config.tie_word_embeddings:
        del tensors[TIED]
    write([Source(name, x.nbytes, x.contiguous) for name, x in tensors.items()], folder, shard)
    dtype = str(policy.lm_head.weight.dtype).removeprefix("torch.")
    type(policy.config).from_dict(policy.config.to_dict() | {"dtype": dtype}).save_pretrained(folder)
    tokenizer.save(folder)


def load_policy(
    folder: Path, dtype: torch.dtype | None = None, device: torch.device | str = "cpu"
) -> tuple[ZayaPolicy, TextTokenizer]:
    """The policy and the tokenizer in `folder`. Raises `CheckpointError`, and then has loaded nothing.

    Parameters come in `dtype`; None takes that of the checkpoint's config.json, fp32 where it names none. Balancing
    biases are fp32 in any case: sums of many small steps, they would stand still in bf16.
    """
    policy = empty_policy(read_config(folder))
    stored = find(folder)
    check(stored, policy)
    tokenizer = read_tokenizer(folder)
    stated: Any = policy.config.dtype
    dtype = dtype or stated or torch.float32
    parameters = {
        name: torch.empty(parameter.shape, dtype=dtype, device=device) for name, parameter in policy.named_parameters()
    }
    for name, parameter in parameters.items():
        stored[name].read_into(parameter)
    policy.load_state_dict(parameters, strict=False, assign=True)
    _tie(policy)
    policy.to(device)
    for name, buffer in policy.named_buffers():
        if name in stored:
            stored[name].read_into(buffer)
    return policy, tokenizer


def read_config(folder: Path) -> ZayaConfig:
    """The configuration in `folder`. Raises `CheckpointError`."""
    try:
        return config.read_config(str(folder))
    except (OSError, ValueError, StrictDataclassError) as error:
        raise CheckpointError(f"{folder} holds no readable config.json: {error}") from error


def read_tokenizer(folder: Path) -> TextTokenizer:
    """The tokenizer in `folder`. Raises `CheckpointError`."""
    try:
        return TextTokenizer.load(folder)
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder} holds no readable tokenizer: {error}") from error


def empty_policy(shape: ZayaConfig) -> ZayaPolicy:
    """A policy whose parameters have shapes but no memory; its buffers are real."""
    with init_empty_weights(include_buffers=False):
        policy = ZayaPolicy(shape)
    _tie(policy)
    return policy


def _tie(policy: ZayaPolicy) -> None:
    if policy.config.tie_word_embeddings:
        policy.lm_head.weight = policy.model.embed_tokens.weight


def check(stored: Mapping[str, Stored], policy: ZayaPolicy) -> None:
    """Raise `CheckpointError` unless `stored` is what a policy of this shape has."""
    optional = {TIED} if policy.config.tie_word_embeddings else set()
    require(stored, policy.state_dict(), optional)


def save_state(state: dict[str, Any], folder: Path) -> None:
    """Write a run's state (optimizers, curriculum, random states, counters) beside the weights."""
    torch.save(state, folder / STATE)


def load_state(folder: Path) -> dict[str, Any]:
    """What `save_state` wrote; only plain data and tensors are ever unpickled."""
    try:
        return torch.load(folder / STATE, weights_only=True)
    except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(f"{folder / STATE} is missing or damaged: {reason}") from error
