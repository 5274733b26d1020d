"""Our samplers behind an OpenAI-compatible HTTP API: `app` answers, `bridge` runs the sampler in its own thread."""

from whetstone.rollout.server.app import application
from whetstone.rollout.server.bridge import Batches, Bridge
from whetstone.rollout.server.jobs import Served

__all__ = ["Batches", "Bridge", "Served", "application"]
