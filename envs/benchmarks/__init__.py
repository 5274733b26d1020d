"""Public benchmarks by name: from the Hugging Face hub, or from a file with the same columns.

    questions = fetch("gpqa-diamond")                     # needs the package datasets and the network
    questions = read("aime-2025", Path("aime.jsonl"))     # JSON Lines, Parquet or CSV
    questions[0].prompt, questions[0].grade("… <answer>204</answer>")

A question is plain data: `to_json` holds the row it was made from, and `from_json` judges alike.
"""

from whetstone.envs.benchmarks.question import Question
from whetstone.envs.benchmarks.sets import GROUPS, NAMES, chosen, fetch, from_json, read

__all__ = ["GROUPS", "NAMES", "Question", "chosen", "fetch", "from_json", "read"]
