"""Tasks about binary and rooted trees against brute force over the orders, shapes and lengths they allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, permutations, product
from typing import Any

from whetstone.envs.truth import truth


def trees(inorder: tuple[int, ...]) -> Iterator[tuple[list[int], list[int]]]:
    """The preorder and the postorder of every binary tree with this inorder."""
    if not inorder:
        yield [], []
    for i, root in enumerate(inorder):
        for left_pre, left_post in trees(inorder[:i]):
            for right_pre, right_post in trees(inorder[i + 1 :]):
                yield [root, *left_pre, *right_pre], [*left_post, *right_post, root]


@truth("trees/preorder_traversal", sizes=[(4, 1.0), (5, 0.5), (6, 1.0)], seeds=20)
def preorder_traversal(problem: Any) -> None:
    fitting = [pre for pre, post in trees(problem.inorder) if post == list(problem.postorder)]
    assert len(fitting) == 1
    for order in permutations(problem.inorder):
        assert problem.check(list(order)).correct == (list(order) == fitting[0])


@truth("trees/fbi_binary_tree", levels=(0, 2, 5, 9), seeds=20)
def fbi_binary_tree(problem: Any) -> None:
    def labels(start: int, end: int) -> list[str]:
        kinds = {problem.bits[i] for i in range(start, end)}
        own = ["F"] if kinds == {"0", "1"} else ["B"] if kinds == {"0"} else ["I"]
        middle = (start + end) // 2
        return own if end - start == 1 else labels(start, middle) + labels(middle, end) + own

    right = "".join(labels(0, len(problem.bits)))
    assert problem.check(right).correct and len(right) == 2 * len(problem.bits) - 1
    assert all(
        problem.check(right[:i] + c + right[i + 1 :]).correct == (c == right[i]) for i in range(3) for c in "FBI"
    )


@truth("trees/firework_show", sizes=[(3, 6), (4, 4), (5, 3)], seeds=25)
def firework_show(problem: Any) -> None:
    n = len(problem.edges) + 1
    parents, longest = {u for u, _, _ in problem.edges}, sum(length for _, _, length in problem.edges)
    ways = []
    for leaf in set(range(n)) - parents:
        way = []
        while leaf:
            way.append(leaf - 1)  # the edges are in the order of the children
            leaf = problem.edges[leaf - 1][0]
        ways.append(way)
    best = longest
    for lengths in product(range(max(sum(problem.edges[e][2] for e in way) for way in ways) + 1), repeat=n - 1):
        if len({sum(lengths[e] for e in way) for way in ways}) == 1:
            best = min(best, sum(abs(x - edge[2]) for x, edge in zip(lengths, problem.edges, strict=True)))
    assert problem.solution == best


@cache
def shapes(nodes: int) -> list[str]:
    """The texts of all binary trees with so many nodes, in the order of their numbers."""
    if nodes == 0:
        return [""]
    bracket = lambda text: f"({text})" if text else ""  # noqa: E731
    pairs = [
        (left, right) for before in range(nodes) for left in shapes(before) for right in shapes(nodes - 1 - before)
    ]
    return [bracket(left) + "X" + bracket(right) for left, right in pairs]


@truth("trees/kth_binary_tree", levels=(0, 2, 4), seeds=40)
def kth_binary_tree(problem: Any) -> None:
    numbered = [text for nodes in range(8) for text in shapes(nodes)]
    assert numbered[:5] == ["", "X", "X(X)", "(X)X", "X(X(X))"]
    assert problem.check(numbered[problem.number]).correct
    assert not problem.check(numbered[problem.number - 1]).correct


@truth("trees/min_inorder_binary_tree", levels=(0, 1, 2), seeds=25)
def min_inorder_binary_tree(problem: Any) -> None:
    n = len(problem.edges) + 1
    links = [[v for v in range(n) if (min(u, v), max(u, v)) in problem.edges] for u in range(n)]

    def orders(v: int, parent: int) -> Iterator[list[int]]:
        below = [child for child in links[v] if child != parent]
        one, two = [*below, None, None][:2]
        for first, second in ((one, two), (two, one)):
            for left in orders(first, v) if first is not None else [[]]:
                for right in orders(second, v) if second is not None else [[]]:
                    yield [*left, v, *right]

    found = [order for root in range(n) if len(links[root]) <= 2 for order in orders(root, -1)]
    assert problem.solution == min(found)
    assert sum(problem.check(order).correct for order in permutations(range(n)) if n < 6) <= 1


@truth("trees/minimum_tree_weighted_dominating_ancestor", sizes=[(4, 1), (6, 2), (7, 3)], seeds=20)
def minimum_tree_weighted_dominating_ancestor(problem: Any) -> None:
    up = {child: (parent, length) for parent, child, length in problem.edges}
    cost = {}
    for chosen in combinations(range(1, len(problem.goods)), problem.facilities):
        total = 0
        for v, amount in enumerate(problem.goods):
            while v and v not in chosen:
                v, length = up[v]
                total += amount * length
        cost[chosen] = total
    for chosen, total in cost.items():
        assert problem.check(list(chosen)).correct == (total == min(cost.values()))
    assert problem.check([0, *range(1, problem.facilities)]).kind == "invalid"


@truth("trees/tree_topological_sequence_counting", levels=(0, 1, 2, 3), seeds=20)
def tree_topological_sequence_counting(problem: Any) -> None:
    orders = permutations(range(len(problem.smaller) + 1))
    count = sum(all(p[u] < p[v] for u, v in problem.smaller) for p in orders)
    assert problem.solution == count % problem.modulus


@truth("trees/weighted_binarytree", levels=(0, 1, 2, 3), seeds=20)
def weighted_binarytree(problem: Any) -> None:
    def score(nodes: Sequence[int], preorder: list[int]) -> int:
        """Of the tree of these consecutive vertices, whose roots come first in the preorder."""
        if len(nodes) <= 1:
            return problem.values[nodes[0]] if nodes else 1
        root = min(nodes, key=preorder.index)
        at = nodes.index(root)
        return score(nodes[:at], preorder) * score(nodes[at + 1 :], preorder) + problem.values[root]

    n = len(problem.values)
    scores = {tuple(preorder): score(range(n), preorder) for preorder, _ in trees(tuple(range(n)))}
    for preorder, value in scores.items():
        assert problem.check(list(preorder)).correct == (value == max(scores.values()))
    for order in permutations(range(n)) if n < 6 else ():
        assert (problem.check(list(order)).kind == "invalid") == (order not in scores)
