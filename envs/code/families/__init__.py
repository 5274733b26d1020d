"""Four families of tasks from each certified problem, as in the ZAYA1-8B report (arXiv 2605.05365, section IV-B5).

code/write           write the program from its statement
code/reconstruct     write it from the formats and examples alone; judged on other tests
code/predict_output  say what a program prints on an input
code/predict_input   find an input on which a program prints a given output
code/falsify         find an input on which a wrong program fails

Each is a `whetstone.envs.core.Task`: `catalog.load("code/write").draw(level, seed, split)`. The splits divide the
catalogue's problems, for all families alike: nothing of a problem held out for evaluation is ever trained on. Level n
draws from the problems of level n and below (from six at least).

What answers that ignore the question earn, best of all that were tried on 48 to 60 questions a level: on
code/predict_input 0.06 at level 0 and 0.02 at level 10, even with an input known by heart for each problem. On
code/falsify one constant earns 0.20 at level 0, 0.13 at level 5 and 0.15 at level 10; an input known by heart for each
problem up to 0.43, 0.21 and 0.15, and each problem's strongest short hidden test 0.28, 0.40 and 0.25.
"""

from __future__ import annotations

import importlib
import inspect

from whetstone.envs.code.families.task import CodeTask


def family(task: str) -> type[CodeTask]:
    """The family with one of the ids `whetstone.envs.catalog.CODE`."""
    module = importlib.import_module(f"{__name__}.{task.partition('/')[2]}")
    (found,) = [
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if each.__module__ == module.__name__ and issubclass(each, CodeTask)
    ]
    return found
