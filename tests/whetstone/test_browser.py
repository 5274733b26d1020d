"""The report in a browser: no errors, filters and search that work, a rollout that can be read, on 100,000 of them.

Needs Playwright and a Chromium (`CHROMIUM`, /usr/bin/chromium unless set): `pytest -m browser`.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from whetstone.evaldir import Asked, EvalDir
from whetstone.parts import Parts
from whetstone.report import write_report
from whetstone.rollout.types import Sampling
from whetstone.rows import SCHEMA, Row, as_record
from whetstone.view import application

pytestmark = pytest.mark.browser
TASKS = tuple(f"family{i % 6}/task_{i}" for i in range(60))
NEEDLE = 77_123  # the rollout that a search looks for


@pytest.fixture
def page() -> Iterator[Any]:
    """A page whose errors fail the test."""
    from playwright.sync_api import sync_playwright  # pyright: ignore[reportMissingImports]

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--headless", "--no-sandbox", "--disable-gpu"],
        )
        page, errors = browser.new_page(viewport={"width": 1280, "height": 900}), []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        yield page
        browser.close()
        assert errors == []


def rows(count: int) -> list[Row]:
    found = []
    for i in range(count):
        right = i % 3 > 0
        text = f"<think>step {i} of many</think><answer>{i}</answer>" + (" the needle" if i == NEEDLE else "")
        prompt = f"What is {i // 8} plus nothing? Think first."
        kind = "graded" if i % 11 else "unreadable"
        row = Row(
            TASKS[i // 8 % 60], i % 7, i // 8, prompt, text, kind, float(right and kind == "graded"),
            right and kind == "graded", "why", 20 + i % 50, "stop", sample=i % 8, spent=20 + i % 50,
        )  # fmt: skip
        found.append(row)
    return found


def evaluation(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True)
    asked = Asked("hf:tiny", ("all",), TASKS, tuple(range(7)), (), 4, 8, "single", Sampling(), 0, "eval", 8)
    (folder / "evaluation.json").write_text(asked.to_json())
    stored = Parts(folder / "rollouts", SCHEMA, part_rows=20_000)
    stored.open()
    stored.append([as_record(row) for row in rows(count)])
    stored.seal()
    return folder


def shown(page: Any) -> int:
    return int(page.locator("#count").inner_text().split(" of ")[0].replace(",", ""))


def test_a_report_is_read_and_searched(page: Any, tmp_path: Path):
    page.goto(write_report(evaluation(tmp_path / "e", 2400)).as_uri())
    page.wait_for_selector("body[data-ready]")
    assert shown(page) == 2400
    assert page.locator("#results .big").count() == 2
    page.select_option("select[name=verdict]", label="unreadable")
    page.wait_for_function("document.getElementById('count').textContent.startsWith('219 ')")
    page.select_option("select[name=verdict]", label="all")
    page.fill("input[name=text]", "STEP 1234 OF")
    page.wait_for_function("document.getElementById('count').textContent === '1 of 2,400 shown'")
    assert "<answer>1234</answer>" in page.locator("#detail").inner_text()
    page.fill("input[name=text]", "")
    page.wait_for_function("document.getElementById('count').textContent === '2,400 of 2,400 shown'")
    page.keyboard.press("Escape")
    first = page.locator("#detail").inner_text()
    page.keyboard.press("j")
    page.wait_for_function("before => document.getElementById('detail').innerText !== before", arg=first)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "text"
    family = page.locator(".family-row th").first
    family.click()
    assert family.get_attribute("aria-expanded") == "true" and page.locator(".members:visible").count() == 1
    page.locator("#theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


@pytest.mark.parametrize("width", [390, 820])
def test_nothing_is_wider_than_a_phone(page: Any, tmp_path: Path, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(write_report(evaluation(tmp_path / "e", 480)).as_uri())
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_hundred_thousand_rollouts_are_searched_without_stalling(page: Any, tmp_path: Path):
    page.goto(write_report(evaluation(tmp_path / "e", 100_000)).as_uri())
    page.wait_for_selector("body[data-ready]", timeout=120_000)
    assert shown(page) == 100_000
    page.evaluate(
        "() => { window.longest = 0; let last = performance.now();"
        " setInterval(() => { const now = performance.now(); window.longest = Math.max(window.longest, now - last);"
        " last = now; }, 20); }"
    )
    page.fill("input[name=text]", "the needle")
    page.wait_for_function("document.getElementById('count').textContent === '1 of 100,000 shown'", timeout=120_000)
    assert f"<answer>{NEEDLE}</answer>" in page.locator("#detail").inner_text()
    longest = page.evaluate("window.longest")
    print(f"longest pause while searching 100,000 rollouts: {longest:.0f} ms")
    assert longest < 2000  # of a searched page that would stall: tens of seconds; the machine may be busy


def test_a_served_page_follows_its_run(page: Any, tmp_path: Path):
    folder = evaluation(tmp_path / "runs" / "e", 480)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(application(tmp_path / "runs"), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        page.goto(f"http://127.0.0.1:{port}/")
        page.click("tbody a")
        page.wait_for_selector("body[data-ready]")
        assert shown(page) == 480
        with EvalDir.create(folder, EvalDir.open(folder).asked(), "resume") as stored:
            stored.rollouts.append([as_record(row) for row in rows(488)[480:]])
        page.wait_for_function("document.getElementById('count').textContent === '488 of 488 shown'", timeout=60_000)
    finally:
        server.should_exit = True
        thread.join()
