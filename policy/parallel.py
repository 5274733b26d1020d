"""A policy in training, spread over processes by FSDP2 (PyTorch's `fully_shard`), and its experts by an all-to-all.

Unusual here: what is sharded is a twin of the policy, with weights in fp32 at least. The policy itself stays whole on
every process, in its own dtype, and gets the twin's weights after each step: samplers, references and checkpoints see
an ordinary policy, at the price of one set of weights. The twin computes in the policy's dtype, so that trainer and
sampler round alike; what has to be fp32 in a bf16 policy (norms, residual stream, softmaxes, head) the model itself
makes so, and FSDP casts no activation.

Of matrices that are cut, Muon's whole gradients are gathered and every process orthogonalises them; stacks of experts,
nine tenths of the weights, are cut between matrices, and cost nothing. AdamW works on shards as they are.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, Shard, distribute_tensor
from torch.optim import Optimizer

from whetstone.policy.batch import Scorer
from whetstone.policy.expert_parallel import ExpertParallel
from whetstone.policy.model import ZayaPolicy


class Sharded:
    """The twin of `policy` that learns; `scorer` runs it, and the optimizers get its parameters for the policy's.

    Gradients are exchanged in every backward pass and kept as shards, in fp32 at least. With `experts` above 1, so
    many neighbouring processes share the experts of each layer, and FSDP spreads what one of them holds over the
    others of its kind. Every process has to call every method. Raises `ValueError` where `experts` does not divide
    the processes or the layer's experts.
    """

    def __init__(self, policy: ZayaPolicy, optimizers: Sequence[Optimizer], experts: int = 1) -> None:
        world, device = dist.get_world_size(), policy.lm_head.weight.device
        if world % experts:
            raise ValueError(f"expert_parallel must divide the {world} processes, got {experts}")
        self.policy, self.optimizers = policy, optimizers
        self.everywhere = init_device_mesh(device.type, (world,))
        self.apart = init_device_mesh(device.type, (world // experts, experts), mesh_dim_names=("data", "experts"))
        self.group = self.apart.get_group("experts") if experts > 1 else None
        dtype = policy.lm_head.weight.dtype
        self.wide = torch.promote_types(dtype, torch.float32)
        self.precision = MixedPrecisionPolicy(
            param_dtype=None if dtype == self.wide else dtype, reduce_dtype=self.wide, cast_forward_inputs=False
        )
        layers = {id(layer): self._spread(layer) for layer in policy.model.layers}
        rest = {id(p): self._widened(p) for p in set(policy.parameters()) - set(policy.model.layers.parameters())}
        self.twin = copy.deepcopy(policy, {**layers, **rest})
        self.scorer = self._shard(Scorer(self.twin), self.everywhere)
        apart = [module for module in self.twin.modules() if isinstance(module, ExpertParallel)]
        self.held = {parameter for module in apart for parameter in module.parameters()}  # others hold other experts
        self._take_over(optimizers)

    # -- making the twin ----------------------------------------------------------------------------------------------

    def _widened(self, parameter: nn.Parameter) -> nn.Parameter:
        return nn.Parameter(parameter.detach().to(self.wide, copy=True), requires_grad=parameter.requires_grad)

    def _spread(self, layer: nn.Module) -> nn.Module:
        """A sharded copy of a layer; one layer at a time is whole."""
        own: Any = copy.deepcopy(layer, {id(p): self._widened(p) for p in layer.parameters()})
        if self.group is None:
            return self._shard(own, self.everywhere)
        own.mlp.experts = ExpertParallel(own.mlp.experts, self.group)
        if (others := self.apart["data"]).size() > 1:
            self._shard(own.mlp.experts, others)
            return self._shard(own, self.everywhere)
        return self._shard(own, self.everywhere, set(own.mlp.experts.parameters()))

    def _shard(self, module: Any, mesh: DeviceMesh, ignored: set[nn.Parameter] | None = None) -> Any:
        sharded: Any = fully_shard(
            module, mesh=mesh, reshard_after_forward=True, mp_policy=self.precision, ignored_params=ignored
        )
        sharded.set_force_sum_reduction_for_comms(mesh.device_type == "cpu")  # gloo has learnt to average only lately
        return sharded

    def _take_over(self, optimizers: Sequence[Optimizer]) -> None:
        named = dict(self.twin.named_parameters())
        twins = {id(own): named[name] for name, own in self.policy.named_parameters()}
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["params"] = [twins[id(parameter)] for parameter in group["params"]]
            self._one_by_one(optimizer)

    def _one_by_one(self, optimizer: Optimizer) -> None:
        """Operators on many tensors at once take those of one mesh only."""
        for group in optimizer.param_groups:
            if self.group is not None and "foreach" in group:
                group["foreach"] = False

    # -- a step -------------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def clip(self, limit: float) -> Tensor:
        """Scale the gradient to a norm of `limit` where it is longer; its norm before, over all processes."""
        shards = [_local(p.grad) for p in self.scorer.parameters() if p.grad is not None]
        squares = torch.stack([torch.linalg.vector_norm(x).square() for x in shards]).sum()
        dist.all_reduce(squares)
        norm = squares.sqrt()
        factor = (limit / (norm + 1e-6)).clamp(max=1.0)  # as torch.nn.utils.clip_grad_norm_
        for shard in shards:
            shard.mul_(factor)
        return norm

    @torch.no_grad()
    def publish(self) -> None:
        """Give the policy the twin's weights, and the twin the policy's buffers (balancing biases)."""
        whole, buffers = dict(self.policy.named_parameters()), dict(self.policy.named_buffers())
        for name, twin in self.twin.named_parameters():
            whole[name].copy_(self._whole(twin.detach().to(whole[name].dtype), twin in self.held))
        for name, twin in self.twin.named_buffers():
            twin.copy_(buffers[name])

    # -- state --------------------------------------------------------------------------------------------------------

    def _whole(self, shard: Tensor, held: bool) -> Tensor:
        full = shard.full_tensor() if isinstance(shard, DTensor) else shard
        if not held:
            return full
        parts = [torch.empty_like(full) for _ in range(self.apart["experts"].size())]
        dist.all_gather(parts, full.contiguous(), group=self.group)
        return torch.cat(parts)

    def _part(self, full: Tensor, like: nn.Parameter) -> Tensor:
        """What of a whole tensor this process has, spread as the parameter `like` is."""
        if like in self.held:
            full = full.chunk(self.apart["experts"].size())[self.apart["experts"].get_local_rank()]
        full = full.to(like.device)
        if not isinstance(like, DTensor):
            return full.clone()
        return distribute_tensor(full, like.device_mesh, like.placements, src_data_rank=None)

    def state_dict(self) -> dict[str, Any]:
        """As one process has it: the optimizers' states, and the weights where the policy's are less precise.

        Whole on the first process, in the host's memory; on the others every tensor is empty.
        """

        def whole(shard: Tensor, parameter: nn.Parameter) -> Tensor:
            full = self._whole(shard.detach(), parameter in self.held)
            return full.cpu() if dist.get_rank() == 0 else full.new_empty(0)

        found: dict[str, Any] = {"optimizers": [_mapped(o, o.state_dict(), whole) for o in self.optimizers]}
        if self.wide != self.policy.lm_head.weight.dtype:
            found["weights"] = {name: whole(twin, twin) for name, twin in self.twin.named_parameters()}
        return found

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take what this or a learner of one process saved; every process has to have it whole.

        Without `weights` the twin keeps its own: the policy's as they were when it was made.
        """

        def part(full: Tensor, parameter: nn.Parameter) -> Tensor:
            return self._part(full.to(parameter.dtype), parameter)

        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(_mapped(optimizer, saved, part))
            self._one_by_one(optimizer)
        for name, twin in self.twin.named_parameters():
            if "weights" in state:
                twin.copy_(part(state["weights"][name], twin))


Change = Callable[[Tensor, nn.Parameter], Tensor]


def _mapped(optimizer: Optimizer, saved: dict[str, Any], change: Change) -> dict[str, Any]:
    """An optimizer's saved state with `change` of every tensor in it that has its parameter's shape."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    states = {
        number: {
            name: change(x, parameters[number]) if isinstance(x, Tensor) and x.dim() else x for name, x in state.items()
        }
        for number, state in saved["state"].items()
    }
    return {**saved, "state": states}


def _local(x: Tensor) -> Tensor:
    return x.to_local() if isinstance(x, DTensor) else x


def per_matrix(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """`function` of each (…, m, n) matrix of a tensor that may be spread over processes; the result is spread alike.

    A stack that is cut between its matrices is worked on where it lies; of anything else every process works on all.
    """
    if not isinstance(x, DTensor):
        return function(x)
    between = all(isinstance(place, Shard) and place.dim < x.dim() - 2 for place in x.placements)
    found: Any = torch.empty_like(x)
    if between:
        found.to_local().copy_(function(x.to_local()))
    else:
        whole = distribute_tensor(function(x.full_tensor()), x.device_mesh, x.placements, src_data_rank=None)
        found.copy_(whole)
    return found
