"""Strategies: ways to spend test-time compute. Each works with any `Sampler`, on many problems at once.

A strategy writes a *plan* for each problem: a generator that yields requests, is sent their completions, and returns
the final candidates. `drive` runs many plans over one sampler.
"""

from whetstone.rollout.strategies.driver import drive, pursue
from whetstone.rollout.strategies.markovian_rsa import Candidate, MarkovianRSA, Template, delethink, rsa
from whetstone.rollout.strategies.named import NAMES, StrategySpec, parse_strategy
from whetstone.rollout.strategies.parallel import BestOfN, Majority, Single, mean_logprob, total_logprob, vote
from whetstone.rollout.strategies.plan import Cost, Outcome, Plan, Solved
from whetstone.rollout.strategies.planned import Planned

__all__ = [
    "NAMES",
    "BestOfN",
    "Candidate",
    "Cost",
    "Majority",
    "MarkovianRSA",
    "Outcome",
    "Plan",
    "Planned",
    "Single",
    "Solved",
    "StrategySpec",
    "Template",
    "delethink",
    "drive",
    "mean_logprob",
    "parse_strategy",
    "pursue",
    "rsa",
    "total_logprob",
    "vote",
]
