"""Settings that must stand before any test module is imported, and what tests of several folders share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from transformers import Qwen2Config

    from whetstone.policy.tokenizer import TextTokenizer

# Without a GPU, Triton kernels run in its interpreter. Triton decides when it is first imported, by the variable, so
# this is the last moment; asking torch.cuda for a device instead would start CUDA in every worker.
if not any(Path(device).exists() for device in ("/dev/nvidia0", "/dev/kfd")):
    os.environ.setdefault("TRITON_INTERPRET", "1")
# Contract a * b + c into one rounding, whatever a Triton release makes its default.
os.environ.setdefault("TRITON_DEFAULT_FP_FUSION", "1")
# A thread for each test process: together they have the machine's cores, and two that share one wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="look at fewer problems of each task, and skip slow tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("quick"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="--quick"))


@pytest.fixture(scope="module")
def ray() -> Iterator:
    """A cluster of one node."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=80 << 20)
    yield ray
    ray.shutdown()


@pytest.fixture
def qwen() -> Callable[[TextTokenizer, int], Qwen2Config]:
    """The configuration of a micro model of another family, for a tokenizer and a longest sequence."""
    from transformers import Qwen2Config

    def config(tokenizer: TextTokenizer, longest: int) -> Qwen2Config:
        return Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=1,
            max_position_embeddings=longest,
            pad_token_id=tokenizer.pad,
            bos_token_id=tokenizer.bos,
            eos_token_id=tokenizer.eos,
        )

    return config
