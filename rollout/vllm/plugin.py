"""The entry point `vllm.general_plugins`: vLLM calls `register` in each of its processes, any number of times."""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# (vLLM lives in an environment of its own, see docs/vllm.md)

ARCHITECTURE = "ZayaForCausalLM"


def register() -> None:
    """Make ZAYA1 known to vLLM's registry. Does nothing where vLLM knows the architecture already."""
    from vllm import ModelRegistry

    if ARCHITECTURE not in ModelRegistry.get_supported_archs():
        # As a string: the class is imported only where such a model is run.
        ModelRegistry.register_model(ARCHITECTURE, f"whetstone.rollout.vllm.model:{ARCHITECTURE}")
