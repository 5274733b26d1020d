"""Python 3: programs run in copies of the fork-server's interpreter."""

from __future__ import annotations

from whetstone.envs.code.sandbox.language import Compile, Image, Prepared
from whetstone.envs.code.sandbox.types import Program


class Python:
    """The source as it is: it is parsed and compiled in the confined child only, and a syntax error is a run's exit.

    What can be imported is the standard library, less what needs other libraries or more rights: no ssl, bz2, lzma,
    sqlite3, socket (so no asyncio), multiprocessing, subprocess. No numpy or other package.
    """

    def prepare(self, program: Program, compile: Compile) -> Prepared:
        return Prepared("python", Image(program.source.encode("utf-8", "surrogatepass")))
