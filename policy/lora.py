"""LoRA (arXiv 2106.09685) through PEFT: attach, train, save, load, merge.

Unusual here: our layers read the weights of a linear layer, to run several as one product, rather than call it. So the
adapted layer's `weight` is the effective one, base plus low-rank update; PEFT's own gives the base alone. All else is
PEFT's: what is saved loads with `PeftModel.from_pretrained` onto `ZayaForCausalLM`, and the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from peft.tuners.lora.layer import Linear as LoraLinear
from torch import Tensor, nn

from whetstone.policy.checkpoint import empty_policy
from whetstone.policy.model import ZayaPolicy
from whetstone.policy.weights import CheckpointError, headers, require

ADAPTER = "adapter_model.safetensors"
ATTENTION = ("q_proj", "k_proj", "v_proj_current", "v_proj_delayed", "o_proj")
EXPERTS = ("mlp.experts.gate_up_proj", "mlp.experts.down_proj")


@dataclass(frozen=True, slots=True)
class LoraSettings:
    """`rank` of the update, which is scaled by `alpha / rank`; the linear layers it goes to, by the end of their names.

    With `experts` the stacks of experts get one too, each expert its own: most of what can be adapted, at 16 times the
    adapter's size.
    """

    rank: int = 16
    alpha: float = 32.0
    layers: tuple[str, ...] = ATTENTION
    experts: bool = False


class EffectiveLinear(LoraLinear):
    """PEFT's layer, whose `weight` is what it applies."""

    @property
    def weight(self) -> Tensor:
        base: Any = self.get_base_layer().weight
        if self.disable_adapters or self.merged:
            return base
        for name in self.active_adapters:
            if name in self.lora_A:
                base = (base + self.get_delta_weight(name)).to(base.dtype)
        return base


def lora_config(settings: LoraSettings) -> LoraConfig:
    """The settings as PEFT's, for a model of ours or of Transformers."""
    return LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,  # type: ignore[arg-type]
        target_modules=list(settings.layers),
        target_parameters=list(EXPERTS) if settings.experts else None,
    )


def attach(policy: ZayaPolicy, settings: LoraSettings, seed: int = 0) -> PeftModel:
    """Adapters on `policy`, which stays in use as it is: it now runs with them, and only they are trained.

    A fresh adapter changes nothing. Raises `ValueError` where no layer has such a name.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _wrapped(policy, lora_config(settings))


def _wrapped(policy: ZayaPolicy, config: LoraConfig) -> PeftModel:
    config.task_type = None  # PEFT's class of that task wants a Transformers model
    config.base_model_name_or_path = None  # a policy has no name of its own to compare it with
    config._register_custom_module({nn.Linear: EffectiveLinear})
    return get_peft_model(policy, config)  # type: ignore[arg-type,return-value]


def save_adapter(model: PeftModel, folder: Path, base: str | None = None) -> None:
    """Write the adapter in PEFT's format; `base` names the checkpoint it belongs to."""
    (config,) = model.peft_config.values()
    config.base_model_name_or_path = base
    config.task_type = "CAUSAL_LM"  # for whoever loads it on a model of Transformers
    model.save_pretrained(str(folder), save_embedding_layers=False)
    config.task_type = None


def load_adapter(policy: ZayaPolicy, folder: Path, trainable: bool = False) -> PeftModel:
    """Put an adapter in PEFT's format on `policy`. Raises `CheckpointError`, and then has changed nothing."""
    for name in ("adapter_config.json", ADAPTER):
        if not (folder / name).is_file():  # PEFT would ask the network for it
            raise CheckpointError(f"{folder} holds no {name}; expected a folder that `save_adapter` or PEFT wrote")
    try:
        config: Any = LoraConfig.from_pretrained(str(folder))
        expected = get_peft_model_state_dict(_wrapped(empty_policy(policy.config), config))
        require({stored.name: stored for stored in headers(folder / ADAPTER)}, expected)
    except CheckpointError:
        raise
    except (ValueError, TypeError, OSError) as error:
        raise CheckpointError(f"{folder} holds no LoRA adapter for this policy: {error}") from error
    return PeftModel.from_pretrained(policy, str(folder), config=config, is_trainable=trainable)  # type: ignore[arg-type]


def merge(model: PeftModel) -> ZayaPolicy:
    """The policy with its adapters added to its weights, and all of it trained again."""
    policy: ZayaPolicy = model.merge_and_unload()  # type: ignore[assignment,operator]
    return policy.requires_grad_()
