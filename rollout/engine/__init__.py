"""The in-process sampler: continuous batching over a paged cache of compressed keys, values and convolution state."""

from whetstone.rollout.engine.engine import Engine
from whetstone.rollout.engine.sequence import Handle, Piece

__all__ = ["Engine", "Handle", "Piece"]
