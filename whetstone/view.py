"""The reports of all runs in a folder, served live: a list of them, and a page for each that follows its run.

A page asks for its run's version every few seconds. A version is made of the names, sizes and times of the run's files,
so that asking costs no reading; only when it has changed is the page made again, and pages are kept until then.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import jinja2
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from whetstone.evaldir import ASKED, EvalDir
from whetstone.files import RunError
from whetstone.found import NotARun
from whetstone.report import TEMPLATES, Page, compose
from whetstone.rundir import CONFIG
from whetstone.statistics import Estimate
from whetstone.summary import read_summary

Read = TypeVar("Read")
PAGES = 8  # that are kept
DEPTH = 4  # folders below the first that runs are looked for in
RAW = {"Cache-Control": "no-store"}  # gzipped data that the page unpacks itself


@dataclass(frozen=True)
class Listed:
    """A run in the list: where it is, what it is, and its accuracy where it has been measured."""

    name: str
    kind: str
    changed: float
    accuracy: Estimate | None = None
    about: str = ""


class Library:
    """The runs of a folder, and the pages that were made of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._pages: OrderedDict[str, tuple[str, Page]] = OrderedDict()
        self._lock = threading.Lock()

    def runs(self) -> list[Listed]:
        """All runs and evaluations, the one that was written to last first."""
        return sorted(map(self._listed, self._paths()), key=lambda run: -run.changed)

    def _paths(self) -> list[Path]:
        patterns = ["/".join(["*"] * depth + [name]) for depth in range(DEPTH) for name in (CONFIG, ASKED)]
        return sorted({file.parent for pattern in patterns for file in self.folder.glob(pattern)})

    def _listed(self, path: Path) -> Listed:
        name = path.relative_to(self.folder).as_posix()
        changed = max((file.stat().st_mtime for file in _files(path)), default=0.0)
        if not (path / ASKED).is_file():
            return Listed(name, "training", changed)
        try:
            asked = EvalDir.open(path).asked()
            samples = f"{asked.samples} sample{'s' * (asked.samples > 1)}"
            about = f"{asked.policy} on {', '.join(asked.suite)}, {asked.strategy}, {samples}"
        except RunError as error:
            about = str(error)
        try:
            return Listed(name, "evaluation", changed, read_summary(path).overall, about)
        except (FileNotFoundError, ValueError):
            return Listed(name, "evaluation, not ended", changed, None, about)

    def path(self, name: str) -> Path:
        """The folder of a run; raises `NotARun` for anything that is not one inside the library."""
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder) or not any((path / file).is_file() for file in (CONFIG, ASKED)):
            raise NotARun(f"there is no run {name!r} here")
        return path

    def version(self, name: str) -> str:
        """Changes whenever the run's files do."""
        facts = sorted((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in _files(self.path(name)))
        return blake2b(repr(facts).encode(), digest_size=8).hexdigest()

    def page(self, name: str) -> tuple[str, Page]:
        """The version of a run and its page, made anew when the run has changed."""
        version, path = self.version(name), self.path(name)
        with self._lock:
            known = self._pages.get(name)
            if known is None or known[0] != version:
                known = version, compose([path], name if name != "." else path.name)
                self._pages[name] = known
                while len(self._pages) > PAGES:
                    self._pages.popitem(last=False)
            self._pages.move_to_end(name)
            return known

    def latest(self, name: str) -> tuple[str, Page]:
        """The page as it was last made: what a reader of it fetches belongs to the same version."""
        with self._lock:
            known = self._pages.get(name)
        return known or self.page(name)


def _files(path: Path) -> list[Path]:
    """What a report is made of; checkpoints are large, and not looked at."""
    wanted: Sequence[str] = ("*.json", "*.jsonl", "*.toml", "rollouts/**/*", "problems/*", "evals/*/*", "evals/*/*/*")
    found = (file for pattern in wanted for file in path.glob(pattern))
    return [file for file in found if not file.name.startswith(".") and file.is_file()]


def application(folder: Path) -> Starlette:
    """The ASGI application over the runs in `folder`."""
    library = Library(folder)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )

    async def listing(request: Request) -> Response:
        runs = await run_in_threadpool(library.runs)
        style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
        return HTMLResponse(environment.get_template("runs.html").render(folder=folder, runs=runs, style=style))

    async def report(request: Request) -> Response:
        name = request.path_params["name"]
        version, page = await run_in_threadpool(_or_404, library.page, name)
        text = await run_in_threadpool(page.html, f"/run/{name}", version)
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})

    async def version(request: Request) -> Response:
        return PlainTextResponse(await run_in_threadpool(_or_404, library.version, request.path_params["name"]))

    async def index(request: Request) -> Response:
        _, page = await run_in_threadpool(_or_404, library.latest, request.path_params["name"])
        return Response(page.rollouts.index, media_type="application/octet-stream", headers=RAW)

    async def chunk(request: Request) -> Response:
        _, page = await run_in_threadpool(_or_404, library.latest, request.path_params["name"])
        number = request.path_params["number"]
        if number >= len(page.rollouts.chunks):
            raise HTTPException(404, f"there are {len(page.rollouts.chunks)} chunks")
        return Response(page.rollouts.chunks[number], media_type="application/octet-stream", headers=RAW)

    return Starlette(
        routes=[
            Route("/", listing),
            Route("/run/{name:path}/version", version),
            Route("/run/{name:path}/index", index),
            Route("/run/{name:path}/chunk/{number:int}", chunk),
            Route("/run/{name:path}", report),
        ]
    )


def _or_404(read: Callable[[str], Read], name: str) -> Read:
    try:
        return read(name)
    except NotARun as error:
        raise HTTPException(404, str(error)) from error


def serve(folder: Path, host: str, port: int) -> None:
    """Serve until interrupted."""
    print(f"Serving the runs in {folder} at http://{host}:{port}/ (Ctrl-C ends it)")
    uvicorn.run(application(folder), host=host, port=port, log_level="warning")
