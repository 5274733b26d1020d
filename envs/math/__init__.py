"""Final answers of mathematics, judged exactly: `verify` an answer, `judge` a response, many of
them with `verify_many` and `judge_many`.

Nothing here needs sympy until an answer is met that exact arithmetic cannot settle, and then only in a worker.
"""

from whetstone.envs.math.extract import extract
from whetstone.envs.math.gold import Gold, Judgement, Kind, parse_gold
from whetstone.envs.math.pool import warm
from whetstone.envs.math.verify import judge, judge_many, verify, verify_many

__all__ = ["Gold", "Judgement", "Kind", "extract", "judge", "judge_many", "parse_gold", "verify", "verify_many", "warm"]
