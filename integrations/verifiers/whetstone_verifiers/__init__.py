"""Whetstone's suites as a taskset of verifiers 0.4: `vf-eval whetstone-verifiers --env.taskset.suite quick`."""

# pyright: reportMissingImports=false, reportMissingModuleSource=false
# verifiers is installed in an environment of its own, see .ci/peers.

from whetstone_verifiers.taskset import WhetstoneChat, WhetstoneTaskset

__all__ = ["WhetstoneChat", "WhetstoneTaskset"]
