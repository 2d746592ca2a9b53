"""Joint cumulants from joint moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import factorial

from sympy import Expr, Mul

from theory.haar.combination import Combination

__all__ = ["joint_cumulant", "set_partitions"]


def set_partitions(items: Sequence[int]) -> Iterator[list[list[int]]]:
    """All ways to split the items into blocks.

    >>> sum(1 for _ in set_partitions(range(4)))
    15
    """
    if not items:
        yield []
        return
    head, rest = items[0], items[1:]
    for blocks in set_partitions(rest):
        yield [[head], *blocks]
        for position, block in enumerate(blocks):
            yield [*blocks[:position], [head, *block], *blocks[position + 1 :]]


def joint_cumulant(variables: Sequence[Expr], mean: Callable[[Expr], Combination]) -> Combination:
    """`sum over set partitions (-1)^(b-1) (b-1)! prod E[prod of a block]`, b the number of blocks."""
    known: dict[Expr, Combination] = {}
    total: Combination | None = None
    for blocks in set_partitions(range(len(variables))):
        product: Combination | None = None
        for block in blocks:
            argument = Mul(*[variables[i] for i in block])
            if argument not in known:
                known[argument] = mean(argument)
            product = known[argument] if product is None else product * known[argument]
        assert product is not None
        signed = product.scaled((-1) ** (len(blocks) - 1) * factorial(len(blocks) - 1))
        total = signed if total is None else total + signed
    assert total is not None
    return total
