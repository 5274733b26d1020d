"""Calls the function that a submission defines, on the arguments that standard input holds. Runs in the sandbox.

The text of this file, followed by `main(source, name, method)`, is the program. The submission is data: a module of its
own, loaded after everything used here is bound. Its prints go to standard error; the result alone goes to standard
output. A submission that finds the way there may write what it likes: it is compared like any output.
"""

import json
import os
import sys
from json.encoder import encode_basestring_ascii as quoted
from types import ModuleType
from typing import Any

PRELUDE = """
import bisect, collections, functools, heapq, itertools, math, operator, re, string, sys
from bisect import *; from collections import *; from functools import *; from heapq import *; from itertools import *
from math import *; from typing import *
from builtins import pow
"""  # what sites that pose such problems have imported before a submission begins


def canonical(value: Any, depth: int = 200) -> str:
    """The one JSON text of a value, its tokens apart by blanks and no blank in a token: tuples are lists, keys sorted.

    Raises `TypeError` for a value of any type but the exact ones of JSON and `tuple`, subclasses included.
    """
    kind = type(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return repr(value)
    if kind is float:
        return json.dumps(value)
    if kind is str:
        return quoted(value).replace(" ", "\\u0020")
    if depth == 0:
        raise TypeError("the result is nested too deep")
    if kind is list or kind is tuple:
        return " ".join(["[", " , ".join([canonical(item, depth - 1) for item in value]), "]"])
    if kind is dict:
        if not all(type(key) is str or type(key) is int for key in value):
            raise TypeError("the result holds a dict whose keys are not all str or int")
        items = sorted((canonical(str(key)), canonical(item, depth - 1)) for key, item in value.items())
        return " ".join(["{", " , ".join([f"{key} : {item}" for key, item in items]), "}"])
    raise TypeError(f"the result holds a {kind.__name__}: expected None or bool, int, float, str, list, tuple, dict")


def main(source: str, name: str, method: bool) -> None:
    """Load the submission, call `name` (of `class Solution` if `method`), write the result."""
    write, encode, loads = os.write, canonical, json.loads
    channel = os.dup(1)
    os.dup2(2, 1)
    arguments = [loads(line) for line in sys.stdin.buffer.read().splitlines()]
    module = ModuleType("submission")
    sys.modules["submission"] = module
    exec(PRELUDE, module.__dict__)
    exec(compile(source, "submission.py", "exec"), module.__dict__)
    function = getattr(module.Solution() if method else module, name)
    result = encode(function(*arguments)).encode() + b"\n"
    while result:
        result = result[write(channel, result) :]
