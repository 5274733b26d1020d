"""The site has every page, every link between pages leads somewhere, and the examples of its own pages hold."""

from __future__ import annotations

import doctest
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text())


def pages(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for each in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from pages(each)


def test_every_page_is_in_the_navigation_once() -> None:
    assert sorted(pages(SITE["nav"])) == sorted(file.name for file in DOCS.glob("*.md"))


@pytest.mark.parametrize("page", sorted(file.name for file in DOCS.glob("*.md")))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = re.sub(r"```.*?```", "", (DOCS / page).read_text(), flags=re.DOTALL)
    for target, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text):
        file = DOCS / (target or page)
        assert file.exists(), f"{page} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings], anchor


@pytest.mark.parametrize(("page", "least"), [("five-minutes.md", 5), ("kernels.md", 5), ("writing-a-verifier.md", 10)])
def test_the_examples_hold(page: str, least: int) -> None:
    failed, tried = doctest.testfile(str(DOCS / page), module_relative=False)
    assert failed == 0 and tried >= least


def test_the_picture_names_the_folders() -> None:
    picture = ElementTree.parse(DOCS / "data-flow.svg")
    named = {text.text for text in picture.iter("{http://www.w3.org/2000/svg}text") if text.get("class") == "folder"}
    assert named == {"curriculum/", "envs/", "rollout/", "policy/", "kernels/", "whetstone/"}
    assert all((ROOT / str(name)).is_dir() for name in named)
    assert "](data-flow.svg)" in (DOCS / "architecture.md").read_text()


def test_the_reference_names_what_can_be_imported() -> None:
    named = re.findall(r"^::: (\S+)$", (DOCS / "reference.md").read_text(), re.MULTILINE)
    assert len(named) > 10
    for name in named:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            module, _, member = name.rpartition(".")
            assert hasattr(importlib.import_module(module), member), name
