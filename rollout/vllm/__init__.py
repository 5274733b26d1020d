"""vLLM as a sampler: a plugin that teaches it our architecture, and a backend that drives it in a child process.

Nothing is imported here: a plugin that fails to load is only logged by vLLM, which would then run the model wrongly.
"""
