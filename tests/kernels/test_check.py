"""Existence on chips that are absent: the check itself, and what it finds in our kernels."""

import dataclasses
import importlib.util
import json
import os
import subprocess
import sys

import pytest

from whetstone.kernels import check, vendor

ROW = check.Row("sm_90", "op.kernel", "bfloat16", "128x128x64 w8 s3", 128, 0, 98304, 256, 1500, 4)

needs_triton = pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="compiles with Triton")

PLANTED = """
import dataclasses, itertools, json, sys, triton
from whetstone.kernels import dryrun, vendor
target, *tiles = sys.argv[1:]
def config(tile):
    *sizes, warps = map(int, tile.split("x"))
    return triton.Config(dict(zip(("BLOCK_N", "BLOCK_V", "BLOCK_K"), sizes)), num_warps=warps, num_stages=4)
vendor.matmul_configs = lambda backend, dtype: [config(tile) for tile in tiles]
dryrun.operators = lambda: ["linear_logprob"]
rows = itertools.islice(dryrun.compile_all(target), len(tiles))
print(json.dumps([dataclasses.asdict(row) for row in rows]))
"""


def planted(target: str, *tiles: str) -> list[check.Row]:
    """What the check says of the first kernel of `linear_logprob` with these tiles (and warps), in bf16."""
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    command = [sys.executable, "-c", PLANTED, target, *tiles]
    run = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return [check.Row(**row) for row in json.loads(run.stdout)]


@pytest.mark.soak
@needs_triton
@pytest.mark.parametrize("target", list(vendor.CHIPS))
def test_every_configuration_builds_and_fits(target):
    from whetstone.kernels import dryrun

    rows = check.check([target])
    assert [row for row in rows if row.faults] == []
    assert {row.kernel.partition(".")[0] for row in rows} == set(dryrun.operators())
    kernels = [row.kernel for row in rows]
    per_kernel = 2 * 3 + 2 if target == "sm_90" else 2 * 2 + 1  # tiles of two forms in bf16 and of one in fp32
    for name in ("forward_kernel", "backward_kernel"):
        assert kernels.count(f"linear_logprob.{name}") == per_kernel
    assert all(row.matrix > 0 for row in rows if row.kernel.startswith("linear_logprob"))
    assert all(row.registers > 0 and row.instructions > 100 for row in rows)


@pytest.mark.slow
@needs_triton
def test_a_planted_tile_too_large_is_reported(monkeypatch, capsys):
    small, large = planted("gfx942", "64x64x16x4", "128x128x128x4")
    assert small.faults == []
    assert large.shared > vendor.CHIPS["gfx942"].shared_bytes
    assert any("the chip has 65536 B" in fault for fault in large.faults)
    for rows, status in (([small], 0), ([small, large], 1)):
        monkeypatch.setattr(check, "_compile", lambda target, rows=rows: rows)
        assert check.main(["gfx942"]) == status
    assert "the chip has 65536 B" in capsys.readouterr().out


@pytest.mark.slow
@needs_triton
def test_a_planted_tile_that_spills_is_reported():
    (row,) = planted("sm_90", "64x128x16x1")
    assert row.spills > 0
    assert any(f"{row.spills} vector registers or bytes spilled" in fault for fault in row.faults)


@needs_triton
def test_spills_are_read_from_the_assemblers_notes(tmp_path):
    from whetstone.kernels import dryrun

    notes = (
        "\tv_mfma_f32_32x32x8_bf16_1k a[0:15], v[0:1], v[2:3], a[0:15]\n  .vgpr_count: 512\n  .vgpr_spill_count: 7\n"
    )
    file = tmp_path / "kernel.amdgcn"
    file.write_text(notes)
    registers, spills, assembly, pattern = dryrun.amd({"amdgcn": file})
    assert (registers, spills, len(pattern.findall(assembly))) == (512, 7, 1)


@pytest.mark.parametrize(("faults", "status"), [([], 0), (["shared memory 70000 B; the chip has 65536 B"], 1)])
def test_exit_status_follows_the_faults(faults, status, monkeypatch, capsys):
    monkeypatch.setattr(check, "_compile", lambda target: [dataclasses.replace(ROW, target=target, faults=faults)])
    assert check.main(["sm_90", "gfx942"]) == status
    out = capsys.readouterr().out
    assert out.count("98304") == 2
    assert out.count("FAULT: shared memory") == 2 * status


@needs_triton
@pytest.mark.parametrize(
    ("change", "is_elf", "words"),
    [
        ({}, False, "not an ELF"),
        ({"shared": 232449}, True, "232449 B"),
        ({"threads": 2048}, True, "2048 threads"),
        ({"spills": 3}, True, "3 vector registers"),
        ({"matrix": 0}, True, "no matrix instruction"),
    ],
)
def test_each_fault_is_named(change, is_elf, words):
    from whetstone.kernels.dryrun import faults

    assert faults(ROW, vendor.CHIPS["sm_90"], is_elf=True, has_dot=True) == []
    (message,) = faults(dataclasses.replace(ROW, **change), vendor.CHIPS["sm_90"], is_elf=is_elf, has_dot=True)
    assert words in message


def test_an_unknown_target_is_named(capsys):
    assert check.main(["sm_89"]) == 2
    assert "known: sm_90, gfx942, gfx950" in capsys.readouterr().err
