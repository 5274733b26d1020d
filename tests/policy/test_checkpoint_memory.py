"""Loading holds the model once: measured in a process of its own, on a checkpoint of 60 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from whetstone.policy.checkpoint import save_policy
from whetstone.policy.config import zaya_config
from whetstone.policy.model import ZayaPolicy, initialise
from whetstone.policy.tokenizer import TextTokenizer

CHILD = """
import json, sys
from pathlib import Path
import torch
from whetstone.policy.checkpoint import load_policy

def resident(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":"))

load_policy(Path(sys.argv[1]))  # whatever the libraries set up once
found = {}
for dtype in (torch.float32, torch.bfloat16):  # as it is stored, and converted on the way
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = resident("VmRSS")
    policy, _ = load_policy(Path(sys.argv[2]), dtype)
    found[str(dtype)] = [resident("VmHWM") - before, sum(parameter.nbytes for parameter in policy.parameters())]
    del policy
print(json.dumps(found))
"""


@pytest.mark.slow
def test_the_host_holds_the_model_once(tmp_path: Path):
    tokenizer = TextTokenizer.train(["Sort: 3 1 2"], 270)
    for name, size in (("small", 32), ("large", 512)):
        config = zaya_config(vocab_size=len(tokenizer), hidden_size=size, layers=1, experts=20, expert_size=size)
        save_policy(initialise(ZayaPolicy(config), 0), tokenizer, tmp_path / name, shard=8_000_000)
    command = [sys.executable, "-c", CHILD, str(tmp_path / "small"), str(tmp_path / "large")]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert found.keys() == {"torch.float32", "torch.bfloat16"}
    for dtype, (peak, size) in found.items():
        assert size > 30_000_000
        assert peak < 1.2 * size, dtype
