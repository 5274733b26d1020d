"""Settings that must stand before any test module is imported."""

import os
from pathlib import Path

import pytest

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
