"""`whetstone serve`: what it opens, and what it says when it cannot."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from whetstone.cli import app
from whetstone.serve_commands import find


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["runs/nowhere"], "there is no folder runs/nowhere; expected a run, a checkpoint, or a name such as"),
        (["a/b", "--backend", "llama"], "--backend: expected engine or vllm, got 'llama'"),
        (["a/b", "--strategy", "markovian"], "did you mean 'markovian-rsa'?"),
    ],
)
def test_what_cannot_be_served_is_said_without_a_traceback(tmp_path, monkeypatch, arguments, message: str):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["serve", *arguments])
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_checkpoint_is_found_in_a_folder_and_a_name_is_none(tmp_path: Path):
    (tmp_path / "config.json").write_text("{}")
    assert find(str(tmp_path)) == tmp_path
    assert find("Zyphra/ZAYA1-8B") is None
