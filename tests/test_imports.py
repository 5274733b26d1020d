"""Who may import whom, read from the source of every file."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("envs", "curriculum", "rollout", "policy", "kernels", "integrations")
FOLDERS = (*OURS, "whetstone", "tests", "benchmarks")
UPSTREAM = {  # what of ours a package may import besides itself; the entry points and integrations may import all
    "kernels": (),
    "envs": (),
    "curriculum": ("whetstone.envs",),
    "rollout": ("whetstone.envs", "whetstone.kernels"),
    "policy": ("whetstone.rollout.types", "whetstone.kernels"),
}


def imports(file: Path) -> Iterator[str]:
    """The names a file imports, in full, wherever in it that happens."""
    package = ("whetstone", *file.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            yield from (".".join(filter(None, (*above, node.module, alias.name))) for alias in node.names)


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def files(folder: str) -> list[Path]:
    """Its Python files; symbolic links to other folders are not followed."""
    return sorted(file for file in (ROOT / folder).rglob("*.py") if not any(p.is_symlink() for p in file.parents))


@pytest.mark.parametrize("package", UPSTREAM)
def test_packages_import_only_what_is_upstream(package: str) -> None:
    allowed = (f"whetstone.{package}", *UPSTREAM[package])
    for file in files(package):
        wrong = [name for name in imports(file) if within(name, ("whetstone",)) and not within(name, allowed)]
        assert not wrong, f"{file.relative_to(ROOT)} imports {', '.join(wrong)}"


@pytest.mark.parametrize(("package", "banned"), [("envs", "torch"), ("curriculum", "torch"), ("envs", "gymnasium")])
def test_heavy_packages_stay_outside(package: str, banned: str) -> None:
    exempt = set((ROOT / "envs").rglob("gym.py")) if banned == "gymnasium" else set()
    for file in files(package):
        assert file in exempt or not any(within(name, (banned,)) for name in imports(file)), file.relative_to(ROOT)


@pytest.mark.parametrize("folder", FOLDERS)
def test_our_packages_are_imported_under_one_name(folder: str) -> None:
    for file in files(folder):
        wrong = [name for name in imports(file) if within(name, OURS)]
        assert not wrong, f"{file.relative_to(ROOT)}: write whetstone.{wrong[0]}"


def test_integrations_are_imported_by_none_of_ours() -> None:
    for folder in OURS[:-1]:
        for file in files(folder):
            assert not any(within(name, ("whetstone.integrations",)) for name in imports(file)), file.relative_to(ROOT)


def test_the_doors_are_links_and_kernels_is_no_package() -> None:
    for folder in OURS:
        assert (ROOT / "whetstone" / folder).resolve() == ROOT / folder
    assert not (ROOT / "kernels" / "__init__.py").exists()


def test_environments_load_without_heavy_packages() -> None:
    code = "import sys, whetstone.envs; print(*sorted({'torch', 'sympy', 'gymnasium'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
