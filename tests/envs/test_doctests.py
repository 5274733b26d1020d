"""The examples in docstrings hold, also in what tasks share; those of the tasks are part of their contract."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from whetstone import envs


def modules() -> list[str]:
    root = Path(envs.__file__).parent
    files = [*root.glob("[a-z]*.py"), *root.glob("math/[a-z]*.py")]
    files += [*root.glob("tasks/*/lib.py"), *root.glob("tasks/*/_[a-z]*.py")]
    return [".".join(("whetstone.envs", *f.relative_to(root).with_suffix("").parts)) for f in files]


@pytest.mark.parametrize("name", sorted(modules()))
def test_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
