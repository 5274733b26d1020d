"""What we ask of vLLM's worker: new weights, and the routes of finished requests.

vLLM mixes `Extension` into its worker class (`worker_extension_cls`), so the methods are reachable by name through
`collective_rpc`, in one process or in many.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# (vLLM lives in an environment of its own, see docs/vllm.md)

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor
from vllm.model_executor.layers.fused_moe import RoutedExperts
from vllm.platforms import current_platform

from whetstone.rollout.vllm.model import ZayaForCausalLM


class Extension:
    """Methods of a worker; `model_runner` and `reload_weights` are vLLM's."""

    model_runner: Any
    reload_weights: Any

    def architecture(self) -> str:
        """The name of the class that runs, to see that it is not vLLM's generic one."""
        return type(self.model_runner.get_model()).__name__

    def load_checkpoint(self, place: str) -> None:
        """Take the weights of a safetensors file, or of all such files in a folder.

        Our own model copies them. Others go through vLLM's reload, after which a head that is tied to the embedding
        still multiplies by the CPU build's packed copy of the old weights (0.32), until it is packed again.
        """
        model, tensors = self.model_runner.get_model(), _tensors(Path(place))
        if isinstance(model, ZayaForCausalLM):
            model.load_weights(tensors)
            return
        if current_platform.is_cpu() and any(isinstance(module, RoutedExperts) for module in model.modules()):
            raise ValueError("vLLM's CPU build (0.32) does not repack the experts of its own models on a reload")
        self.reload_weights(weights_iterator=tensors)
        head = getattr(model, "lm_head", None)
        method = getattr(head, "quant_method", None)
        if current_platform.is_cpu() and method is not None:
            method.process_weights_after_loading(head)

    def routes(self, requests: Sequence[tuple[str, int]]) -> list[np.ndarray | None]:
        """The classes of the first `length` tokens of each (request, length), (length, L), or None.

        To be called after the step that ended a request and before the next: until then its blocks are its own.
        """
        model = self.model_runner.get_model()
        if not isinstance(model, ZayaForCausalLM) or model.routes_SL is None:
            return [None] * len(requests)
        groups = self.model_runner.kv_cache_config.kv_cache_groups
        group = next(i for i, group in enumerate(groups) if model.slot_layer in group.layer_names)
        batch = self.model_runner.input_batch
        table = batch.block_table[group]
        found: list[np.ndarray | None] = []
        for request, length in requests:
            positions = np.arange(length)
            blocks = table.block_table.np[batch.req_id_to_index[request], positions // table.block_size]
            slots = blocks.astype(np.int64) * table.block_size + positions % table.block_size
            found.append(model.routes_SL[torch.from_numpy(slots).to(model.routes_SL.device)].cpu().numpy())
        return found


def _tensors(place: Path) -> Iterator[tuple[str, Tensor]]:
    files: Iterable[Path] = sorted(place.glob("*.safetensors")) if place.is_dir() else [place]
    found = False
    for file in files:
        with safe_open(file, framework="pt") as stored:
            for name in stored.keys():  # noqa: SIM118 - a safetensors handle is no mapping
                found = True
                yield name, stored.get_tensor(name)
    if not found:
        raise ValueError(f"{place} holds no weights; expected a safetensors file, or a folder of such files")
