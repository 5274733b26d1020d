"""`benchmarks/kernels.py`: all that it would run on a GPU, at tiny shapes, in Triton's interpreter."""

import importlib.machinery
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from whetstone.kernels import dispatch

pytest.importorskip("triton")
pytest.importorskip("transformers")

FILE = Path(__file__).parents[2] / "benchmarks" / "kernels.py"
EPS = torch.finfo(torch.float32).eps


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.setenv(dispatch.VARIABLE, "triton")
    threads, names = torch.get_num_threads(), set(sys.modules)
    spec = importlib.util.spec_from_file_location("benchmark_of_kernels", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    yield module
    torch.set_num_threads(threads)
    for name in set(sys.modules) - names:
        if name.startswith("_kernel_"):
            del sys.modules[name]


@pytest.mark.slow
@pytest.mark.skipif(torch.cuda.is_available(), reason="measures in earnest where there is a GPU")
@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # of Dynamo, which compiles the contenders
def test_everything_runs_and_agrees(benchmark, tmp_path, capsys):
    """Operators, rivals at hand, torch.compile, steps from end to end with the kernels on and off."""
    out = tmp_path / "kernels.json"
    torch.compiler.reset()
    assert benchmark.main(["--shapes", "tiny", "--out", str(out)]) == 0
    report = json.loads(out.read_text())
    found = report["measurements"]
    assert [x for x in found if x["failure"]] == []
    assert {x["operator"] for x in found} == set(benchmark.SECTIONS)
    for x in found:
        assert x["differs"] is not None and x["differs"] < 100 * EPS, x  # a few roundings in each of some sums
        assert 0 < x["fastest"] <= x["median"] <= x["slowest"]
    contenders = {x["operator"]: {y["contender"] for y in found if y["operator"] == x["operator"]} for x in found}
    assert contenders["training_step"] == contenders["decoding_step"] == {"whetstone", "kernels off"}
    assert {"eager", "F.grouped_mm", "batched_mm", "torch.compile"} < contenders["grouped_experts"]
    assert {"SDPA, dense cache", "SDPA, gathered pages"} < contenders["paged_attention"]
    assert "wrote" in capsys.readouterr().out


def test_a_failure_is_noted_and_the_others_are_measured(benchmark, tmp_path, monkeypatch, capsys):
    def cases(s: Any) -> Iterator[Any]:
        ones = torch.ones(3)
        yield benchmark.Case("a", "b", 1.0, 1.0, {"whetstone": lambda: 1 // 0, "eager": lambda: ones})

    monkeypatch.setitem(benchmark.SECTIONS, "router", cases)
    out = tmp_path / "kernels.json"
    assert benchmark.main(["--shapes", "small", "--only", "router", "--repeats", "2", "--out", str(out)]) == 1
    ours, eager = json.loads(out.read_text())["measurements"]
    assert ours["failure"].startswith("ZeroDivisionError") and ours["fastest"] is None
    assert eager["fastest"] > 0 and eager["differs"] is None
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_a_gpu_is_measured_by_events_memory_and_its_roofline(benchmark, monkeypatch):
    """The device alone is made up: 40 MiB at the peak, 10 before; 2, 1 and 4 ms; an H100."""
    import triton.testing

    allocated = iter([10 << 20])
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda: None)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: next(allocated))
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 40 << 20)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA H100 80GB HBM3")
    asked = []
    monkeypatch.setattr(triton.testing, "do_bench", lambda call, **how: asked.append(how) or [2.0, 1.0, 4.0])
    case = benchmark.Case("a", "b", 989e9 / 2, 3.35e9 / 4, {"whetstone": lambda: torch.ones(2)})
    (found,) = benchmark.measured(case, replace(benchmark.SHAPES["tiny"], device="cuda"))
    assert asked[0]["return_mode"] == "all"
    assert (found.fastest, found.median, found.slowest, found.peak_mib) == (1.0, 2.0, 4.0, 30.0)
    assert found.roof == pytest.approx(0.5)  # the flops take half a millisecond, the bytes a quarter
    assert found.differs == 0


def test_the_shapes_of_zaya_need_a_gpu(benchmark, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit):
        benchmark.main(["--shapes", "zaya1-8b"])
    assert "PyTorch sees none" in capsys.readouterr().err
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    with pytest.raises(SystemExit):
        benchmark.main(["--shapes", "tiny"])
    assert "TRITON_INTERPRET=1" in capsys.readouterr().err


# -- libraries that are not installed here: stand-ins with the signatures of the real ones ----------------------------


def installed(monkeypatch: pytest.MonkeyPatch, name: str, **contents: Any) -> None:
    """A package, and those it lies in, that hold `contents`."""
    parts = name.split(".")
    for i in range(1, len(parts) + 1):
        module = ModuleType(".".join(parts[:i]))
        module.__spec__ = importlib.machinery.ModuleSpec(module.__name__, None, is_package=True)
        vars(module).update(contents if i == len(parts) else {})
        if i == len(parts) or module.__name__ not in sys.modules:
            monkeypatch.setitem(sys.modules, module.__name__, module)


class MeanLoss:
    def __call__(self, lin_weight: Tensor, _input: Tensor, target: Tensor, bias: Tensor | None = None) -> Tensor:
        return F.cross_entropy(F.linear(_input, lin_weight, bias), target)


class PolicyLoss:
    """`LigerFusedLinearGRPOLoss`: rows of equal length, one advantage a row."""

    def __init__(self, beta=0.04, compiled=True, use_ref_model=True, chunk_size=1, epsilon_low=0.2, epsilon_high=0.2,
                 loss_type="dapo", max_completion_length=None, temperature=1.0):  # fmt: skip
        assert beta == 0 and not use_ref_model and loss_type == "bnpo"
        self.low, self.high = epsilon_low, epsilon_high

    def __call__(self, _input, lin_weight, selected_token_ids, attention_mask, advantages, bias=None,
                 ref_per_token_logps=None, *, old_per_token_logps):  # fmt: skip
        logp = F.linear(_input, lin_weight).log_softmax(-1).gather(-1, selected_token_ids[..., None]).squeeze(-1)
        ratio, advantage = (logp - old_per_token_logps).exp(), advantages[:, None]
        gain = torch.minimum(ratio * advantage, ratio.clamp(1 - self.low, 1 + self.high) * advantage)
        return -(gain * attention_mask).sum() / attention_mask.sum(), []


class AddNorm:
    @staticmethod
    def apply(X, R, W, eps, offset=0.0, casting_mode="llama", in_place=False, row_mode=None):
        total = X + R
        return total * torch.rsqrt(total.square().mean(-1, keepdim=True) + eps) * W, total


def convolution(x, weight, bias=None, residual=None, initial_state=None, output_final_state=False):
    assert x.ndim == 3 and weight.shape == (x.shape[-1], 2)
    return F.pad(x, (0, 0, 1, 0))[:, :-1] * weight[:, 0] + x * weight[:, 1], None


def with_kvcache(q, k_cache, v_cache, *, cache_seqlens, block_table, causal=False):
    """Pages hold (positions, heads, size)."""
    assert cache_seqlens.dtype == block_table.dtype == torch.int32
    keys, values = (cache[block_table.long()].flatten(1, 2).transpose(1, 2) for cache in (k_cache, v_cache))
    assert (cache_seqlens == keys.shape[2]).all()
    return F.scaled_dot_product_attention(q.transpose(1, 2), keys, values, enable_gqa=True).transpose(1, 2)


# Section, package, what it holds, and whether its results are the operator's own.
LIBRARIES: dict[str, tuple[str, str, dict[str, Any], bool]] = {
    "Liger, mean loss alone": (
        "linear_logprob", "liger_kernel.transformers", {"LigerFusedLinearCrossEntropyLoss": MeanLoss}, False
    ),
    "Liger, no entropy": (
        "policy_loss", "liger_kernel.chunked_loss", {"LigerFusedLinearGRPOLoss": PolicyLoss}, True
    ),
    "Liger's sum and norm": (
        "residual_norm", "liger_kernel.ops.fused_add_rms_norm", {"LigerFusedAddRMSNormFunction": AddNorm}, True
    ),
    "fla, depthwise convolution alone": (
        "cca", "fla.modules.convolution", {"causal_conv1d": convolution}, False
    ),
    "FlashAttention, paged": (
        "paged_attention", "flash_attn", {"flash_attn_with_kvcache": with_kvcache}, True
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_is_a_contender_where_it_is_installed(name, benchmark, monkeypatch):
    section, package, contents, whole = LIBRARIES[name]
    s = replace(benchmark.SHAPES["tiny"], compiler="", tokens=(8,), decode=(2,))
    assert all(name not in case.contenders for case in benchmark.SECTIONS[section](s))
    installed(monkeypatch, package, **contents)
    monkeypatch.setattr(sys.modules["_kernel_rivals"], "FLASH_PAGE", 16)
    torch.manual_seed(0)
    case = next(case for case in benchmark.SECTIONS[section](s) if name in case.contenders)
    found, expected = (case.contenders[contender]() for contender in (name, "eager"))
    difference = benchmark.difference(found, expected)
    assert (difference is not None) == whole
    if whole:
        assert difference < 100 * EPS


def test_what_is_forced_is_undone(benchmark, monkeypatch):
    steps = sys.modules["_kernel_steps"]

    def seen() -> str | None:
        return os.environ.get(dispatch.VARIABLE)

    assert steps.forced("reference", seen)() == "reference"
    assert seen() == "triton"
    monkeypatch.delenv(dispatch.VARIABLE)
    assert steps.forced("reference", seen)() == "reference"
    assert seen() is None
