"""The cluster that a run uses, and what goes wrong with it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

from whetstone.files import RunError

CALLS = 4096  # of one actor that may be under way at once


class ClusterError(RunError):
    """The cluster does not give what was asked of it."""


def connect() -> None:
    """Join the cluster that RAY_ADDRESS names, one that runs on this machine, or start one here."""
    import ray

    if not ray.is_initialized():
        try:
            ray.init(log_to_driver=False, logging_level=logging.WARNING)
        except Exception as error:  # Ray raises that very class where a node does not start
            address = os.environ.get("RAY_ADDRESS", "this machine")
            raise ClusterError(f"there is no Ray cluster at {address}: {error}") from error


def place(kind: type, cpus: float, gpus: float = 0.0) -> Callable[..., Any]:
    """What makes actors of a class, spread over the nodes. Ray never restarts them: a `Fleet` replaces them."""
    import ray

    options = {"num_cpus": cpus, "num_gpus": gpus, "scheduling_strategy": "SPREAD", "max_restarts": 0}
    if hasattr(kind, "answer"):
        options["max_concurrency"] = CALLS  # an event loop
    return ray.remote(kind).options(**options).remote


def resources() -> str:
    """What the cluster has, in words."""
    import ray

    found = ray.cluster_resources()
    return ", ".join(f"{found.get(name, 0):g} {name}s" for name in ("CPU", "GPU"))
