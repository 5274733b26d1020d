"""Checkpoints that do not fit: the sentence names the file and the tensor, and no weight is read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor

from whetstone.policy.checkpoint import load_policy, save_policy
from whetstone.policy.tokenizer import TextTokenizer
from whetstone.policy.weights import INDEX, WEIGHTS, CheckpointError, Stored, find, headers

EXPERTS = "model.layers.1.mlp.experts.down_proj"
NORM = "model.norm.weight"
Header = dict[str, Any]


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(["Sort: 3 1 2"], 270)


@pytest.fixture
def folder(make_policy, tokenizer: TextTokenizer, tmp_path: Path) -> Path:
    save_policy(make_policy(3, vocab_size=len(tokenizer)), tokenizer, tmp_path / "saved")
    return tmp_path / "saved"


@pytest.fixture
def sharded(make_policy, tokenizer: TextTokenizer, tmp_path: Path) -> Path:
    save_policy(make_policy(3, vocab_size=len(tokenizer)), tokenizer, tmp_path / "sharded", shard=40_000)
    return tmp_path / "sharded"


@pytest.fixture(autouse=True)
def nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_into(stored: Stored, target: Tensor) -> None:
        raise AssertionError(f"{stored.name} was read")

    monkeypatch.setattr(Stored, "read_into", read_into)


def refused(folder: Path) -> str:
    with pytest.raises(CheckpointError) as error:
        load_policy(folder)
    assert str(folder) in str(error.value)
    return str(error.value)


# -- tensors that do not fit ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({EXPERTS: None}, f"{WEIGHTS}: 1 tensors are missing, the first is {EXPERTS}"),
        ({"model.extra": torch.zeros(2)}, f"{WEIGHTS} has the tensor model.extra, which this architecture does not"),
        ({EXPERTS: torch.zeros(4, 16, 24)}, f"{WEIGHTS}: {EXPERTS} has shape (4, 16, 24), expected (4, 24, 16)"),
        (
            {NORM: torch.zeros(24, dtype=torch.int32)},
            f"{WEIGHTS}: {NORM} is torch.int32, expected one of torch.float32",
        ),
        ({NORM: torch.zeros(24).to(torch.float8_e4m3fn)}, f"{WEIGHTS}: {NORM} is torch.float8_e4m3fn, expected one of"),
    ],
)
def test_tensors_that_do_not_fit_are_named(changes: dict[str, Tensor | None], sentence: str, folder: Path):
    tensors = load_file(folder / WEIGHTS)
    for name, tensor in changes.items():
        tensors.pop(name, None)
        if tensor is not None:
            tensors[name] = tensor
    save_file(tensors, folder / WEIGHTS)
    assert sentence in refused(folder)


def test_a_folder_that_is_no_checkpoint_gets_a_sentence(folder: Path, tmp_path: Path):
    assert "absent holds no readable config.json" in refused(tmp_path / "absent")
    (folder / "tokenizer.json").unlink()
    assert "holds no readable tokenizer" in refused(folder)
    (folder / WEIGHTS).unlink()
    assert f"holds no {WEIGHTS} and no {INDEX}" in refused(folder)


# -- files that are damaged -------------------------------------------------------------------------------------------


def parts(file: Path) -> tuple[Header, bytes]:
    data = file.read_bytes()
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def rewrite(file: Path, header: Header | bytes, data: bytes) -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + data)


def test_the_tensor_that_is_cut_off_is_named(folder: Path):
    data = (folder / WEIGHTS).read_bytes()
    for stored in [*headers(folder / WEIGHTS)][::7]:
        for size in (stored.start, (stored.start + stored.end) // 2, stored.end - 1):
            (folder / WEIGHTS).write_bytes(data[:size])
            sentence = f"{WEIGHTS} is damaged or cut off: {stored.name} ends at byte {stored.end}, the file at {size}"
            assert sentence in refused(folder)


@pytest.mark.parametrize("size", [0, 5, 8, 100])
def test_a_header_that_is_cut_off_is_named(size: int, folder: Path):
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:size])
    assert f"{WEIGHTS} is damaged or cut off: {size} bytes do not hold its header" in refused(folder)


def without(key: str) -> Callable[[Header], None]:
    return lambda header: header[EXPERTS].pop(key)


def moved(by: int) -> Callable[[Header], None]:
    def move(header: Header) -> None:
        header[EXPERTS]["data_offsets"] = [offset + by for offset in header[EXPERTS]["data_offsets"]]

    return move


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (without("dtype"), f"its header does not describe {EXPERTS} (KeyError('dtype'))"),
        (without("data_offsets"), f"its header does not describe {EXPERTS}"),
        (
            lambda header: header[EXPERTS].update(dtype="F99"),
            f"its header does not describe {EXPERTS} (KeyError('F99'))",
        ),
        (lambda header: header[EXPERTS].update(shape=None), f"its header does not describe {EXPERTS}"),
        (lambda header: header[EXPERTS].update(shape=[4, 24, 15]), f"{EXPERTS} of shape (4, 24, 15) needs 5760 bytes"),
        (lambda header: header[EXPERTS].update(shape=[1 << 40, 1 << 40]), f"{EXPERTS} of shape (1099511627776, "),
        (lambda header: header.update({EXPERTS: 7}), f"its header does not describe {EXPERTS}"),
        (moved(4), f"{EXPERTS} starts at byte"),
    ],
)
def test_a_header_that_is_wrong_is_named(damage: Callable[[Header], None], sentence: str, folder: Path):
    header, data = parts(folder / WEIGHTS)
    damage(header)
    rewrite(folder / WEIGHTS, header, data)
    found = refused(folder)
    assert f"{WEIGHTS} is damaged: " in found
    assert sentence in found


@pytest.mark.parametrize("header", [b"{", b"[]", b"\xff\xfe", b"3"])
def test_a_header_that_is_no_object_gets_a_sentence(header: bytes, folder: Path):
    rewrite(folder / WEIGHTS, header, b"")
    assert f"{WEIGHTS} is damaged or cut off: its header is no JSON" in refused(folder)


def test_bytes_after_the_last_tensor_are_noticed(folder: Path):
    with (folder / WEIGHTS).open("ab") as file:
        file.write(b"more")
    assert f"{WEIGHTS} is damaged: 4 bytes follow its last tensor" in refused(folder)


def test_a_file_that_shrinks_while_it_is_read_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    stored = find(folder)[EXPERTS]
    stored.file.write_bytes(stored.file.read_bytes()[: stored.end - 1])
    with pytest.raises(CheckpointError, match=f"cut off: it ended inside {EXPERTS}"):
        stored.read()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_to_a_header_is_a_traceback(folder: Path, data: st.DataObject):
    whole = folder / "whole"
    if not whole.exists():
        shutil.copy(folder / WEIGHTS, whole)
    content = bytearray(whole.read_bytes())
    length = int.from_bytes(content[:8], "little")
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, 8 + length - 1))] = data.draw(st.integers(0, 255))
    (folder / WEIGHTS).write_bytes(content)
    try:
        load_policy(folder)
    except CheckpointError as error:
        assert WEIGHTS in str(error)
    except AssertionError as error:  # what was hit means nothing: a blank, the metadata
        assert "was read" in str(error)


# -- several files ----------------------------------------------------------------------------------------------------


def places(folder: Path) -> dict[str, str]:
    return json.loads((folder / INDEX).read_text())["weight_map"]


def test_a_missing_shard_is_named_with_a_tensor_of_it(sharded: Path):
    file = places(sharded)[EXPERTS]
    (sharded / file).unlink()
    found = refused(sharded)
    assert f"{file} is missing; " in found
    assert min(name for name, place in places(sharded).items() if place == file) in found


def test_a_shard_that_is_cut_off_is_named(sharded: Path):
    file = sharded / places(sharded)[EXPERTS]
    file.write_bytes(file.read_bytes()[:-1])
    assert f"{file} is damaged or cut off: " in refused(sharded)


@pytest.mark.parametrize(
    "index",
    ["", "{", "{}", "[]", '{"weight_map": 3}', '{"weight_map": {}}', '{"weight_map": {"a": 1}}']
    + [f'{{"weight_map": {{"a": "{name}"}}}}' for name in ("../model.safetensors", "/etc/passwd", "")],
)
def test_a_damaged_index_is_named(index: str, sharded: Path):
    (sharded / INDEX).write_text(index)
    assert f"{INDEX} is damaged: " in refused(sharded)


def test_a_tensor_that_is_not_where_the_index_says_is_named(sharded: Path):
    listed = places(sharded)
    other = next(file for file in listed.values() if file != listed[EXPERTS])
    (sharded / INDEX).write_text(json.dumps({"weight_map": {**listed, EXPERTS: other}}))
    assert f"the tensor {EXPERTS}, which" in refused(sharded)
    (sharded / INDEX).write_text(json.dumps({"weight_map": {**listed, "model.more": other}}))
    assert f"{other} lacks the tensor model.more, which {sharded / INDEX} places there" in refused(sharded)
    (sharded / INDEX).write_text(json.dumps({"weight_map": {n: f for n, f in listed.items() if n != EXPERTS}}))
    assert f"{listed[EXPERTS]} has the tensor {EXPERTS}, which {sharded / INDEX} places nowhere" in refused(sharded)
