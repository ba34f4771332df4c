"""Formulas of the rules: two sums of figures that must be equal, or one at most the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast, get_args

Comparison = Literal["=", "!=", "<=", ">=", "<", ">"]

PREVIOUS = "previous."
CLAIMED = "claimed."
_COMPARISON = re.compile("(" + "|".join(sorted(get_args(Comparison), key=len, reverse=True)) + ")")
_NAME = r"[a-z][a-z0-9_.]*\??"
_TERM = re.compile(rf"([+-]?)\s*({_NAME}|\d+)")
_SUM = re.compile(rf"\s*[+-]?\s*(?:{_NAME}|\d+)(?:\s*[+-]\s*(?:{_NAME}|\d+))*\s*")


class RuleFault(ValueError):  # noqa: N818 - the fault is in the rules file, not in the program
    """A rules file says something that is no rule; the message names the rule and the place."""


@dataclass(frozen=True)
class Term:
    """One operand of a sum: a figure by its name, and the sign before it.

    ``optional`` marks a figure that counts as nothing where it is not stated.
    """

    operand: str
    sign: int
    optional: bool = False


@dataclass(frozen=True)
class Sum:
    """Figures that are added up, and a number."""

    terms: tuple[Term, ...]
    constant: int = 0


@dataclass(frozen=True)
class Formula:
    """What must hold between ``stated``, what a report prints, and ``expected``, what that must be."""

    stated: Sum
    comparison: Comparison
    expected: Sum

    @property
    def terms(self) -> tuple[Term, ...]:
        """The operands of both sides, the stated ones first, with the signs of their own side."""
        return (*self.stated.terms, *self.expected.terms)

    def weighed(self) -> Iterator[tuple[Term, int]]:
        """Each operand with its weight in stated - expected."""
        yield from ((term, term.sign) for term in self.stated.terms)
        yield from ((term, -term.sign) for term in self.expected.terms)


def read_formula(text: str) -> Formula:
    """The formula in a text such as ``a + b = c - d``. Raises :class:`RuleFault`."""
    parts = _COMPARISON.split(text)
    if len(parts) != 3:
        known = " ".join(get_args(Comparison))
        raise RuleFault(f"“{text.strip()}” does not compare two sums by one of {known}")
    stated, comparison, expected = parts
    return Formula(read_sum(stated), cast("Comparison", comparison), read_sum(expected))


def read_sum(text: str) -> Sum:
    """The operands of a sum such as ``a + b - c``. Raises :class:`RuleFault`."""
    if not _SUM.fullmatch(text):
        raise RuleFault(f"“{text.strip()}” is no sum of metric ids")
    terms, constant = [], 0
    for match in _TERM.finditer(text):
        sign, operand = (-1 if match[1] == "-" else 1), match[2]
        if operand.isdigit():
            constant += sign * int(operand)
        else:
            terms.append(Term(operand.rstrip("?"), sign, operand.endswith("?")))
    return Sum(tuple(terms), constant)
