"""Expressions over metric ids, such as ``(granted + granted_in_part) / processed_total``.

They know ``+``, ``-``, ``*``, ``/``, parentheses, numbers, metric ids, and ``else``: ``a else b`` is b where
a is not stated. ``requests_received[natural_person]`` is that column of the requests table; without brackets
the column is the one that is asked for. What lacks a figure, or divides by zero, has no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast

Operator = Literal["+", "-", "*", "/", "else"]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-z][a-z0-9_]*)(?:\[(?P<applicant>[a-z_]+)\])?"
    r"|(?P<sign>[-+*/()]))"
)
_SUMS = ("+", "-")
_PRODUCTS = ("*", "/")
# Deeper than anybody writes, and far from where Python's stack ends.
_DEEPEST = 40


class ExpressionFault(ValueError):  # noqa: N818 - the fault is in the text, not in the program
    """A text is no expression; the message quotes it and tells the place, from 1."""


@dataclass(frozen=True)
class Operand:
    """A figure of a report; ``applicant`` is None where it is the column that is asked for."""

    metric: str
    applicant: str | None = None


@dataclass(frozen=True)
class Number:
    """A number that the expression names."""

    value: Fraction


@dataclass(frozen=True)
class Operation:
    """Two expressions and what is done with them."""

    operator: Operator
    left: Expression
    right: Expression


Expression = Operand | Number | Operation


def read_expression(text: str) -> Expression:
    """The expression in ``text``. Raises :class:`ExpressionFault`."""
    return _Reader(text).read()


def operands_of(expression: Expression) -> Iterator[Operand]:
    """The figures that ``expression`` asks for, in its order, as often as it names them."""
    if isinstance(expression, Operand):
        yield expression
    elif isinstance(expression, Operation):
        yield from operands_of(expression.left)
        yield from operands_of(expression.right)


def evaluate(expression: Expression, figures: Mapping[Operand, Fraction | None]) -> Fraction | None:
    """The exact value with these ``figures``; None where one is missing or something is divided by zero."""
    if isinstance(expression, Number):
        return expression.value
    if isinstance(expression, Operand):
        return figures.get(expression)
    left = evaluate(expression.left, figures)
    if expression.operator == "else" and left is not None:
        return left
    right = evaluate(expression.right, figures)
    if expression.operator == "else":
        return right
    if left is None or right is None:
        return None
    return _calculated(expression.operator, left, right)


def _calculated(operator: Operator, left: Fraction, right: Fraction) -> Fraction | None:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    return left / right if right else None


def as_sql(expression: Expression, column: Callable[[Operand], str]) -> str:
    """``expression`` in SQL, over the columns that ``column`` names; NULL where it has no value."""
    if isinstance(expression, Number):
        return f"CAST({float(expression.value)!r} AS DOUBLE)"
    if isinstance(expression, Operand):
        return column(expression)
    left, right = as_sql(expression.left, column), as_sql(expression.right, column)
    if expression.operator == "else":
        return f"coalesce({left}, {right})"
    if expression.operator == "/":
        return f"({left} / nullif({right}, 0))"
    return f"({left} {expression.operator} {right})"


def as_text(expression: Expression) -> str:
    """``expression`` as people write it, with no more parentheses than it needs."""
    return _written(expression, 0)


_BINDING: Mapping[Operator, int] = {"else": 1, "+": 2, "-": 2, "*": 3, "/": 3}


def _written(expression: Expression, least: int) -> str:
    if isinstance(expression, Number):
        value = expression.value
        return str(value.numerator) if value.denominator == 1 else repr(float(value))
    if isinstance(expression, Operand):
        return expression.metric + (f"[{expression.applicant}]" if expression.applicant else "")
    binding = _BINDING[expression.operator]
    left = _written(expression.left, binding)
    right = _written(expression.right, binding + 1)
    text = f"{left} {expression.operator} {right}"
    return f"({text})" if binding < least else text


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._tokens = list(self._tokens_of())
        self._next = 0
        self._depth = 0

    def _tokens_of(self) -> Iterator[re.Match[str]]:
        at = 0
        while at < len(self._text):
            token = _TOKEN.match(self._text, at)
            if token is None:
                raise self._fault(at)
            yield token
            at = token.end()

    def read(self) -> Expression:
        expression = self._choice()
        if self._next < len(self._tokens):
            raise self._fault(self._place())
        return expression

    def _choice(self) -> Expression:
        left = self._chain(_SUMS, lambda: self._chain(_PRODUCTS, self._factor))
        while self._taken("name", "else"):
            right = self._chain(_SUMS, lambda: self._chain(_PRODUCTS, self._factor))
            left = Operation("else", left, right)
        return left

    def _chain(self, signs: tuple[str, ...], part: Callable[[], Expression]) -> Expression:
        left = part()
        while sign := next((sign for sign in signs if self._taken("sign", sign)), None):
            left = Operation(cast("Operator", sign), left, part())
        return left

    def _factor(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._fault(self._place())
        try:
            return self._one()
        finally:
            self._depth -= 1

    def _one(self) -> Expression:
        if self._taken("sign", "-"):
            return Operation("-", Number(Fraction(0)), self._factor())
        if self._taken("sign", "("):
            inner = self._choice()
            if not self._taken("sign", ")"):
                raise self._fault(self._place())
            return inner
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        if token is None or token["sign"] or token["name"] == "else":
            raise self._fault(self._place())
        self._next += 1
        return (
            Number(Fraction(token["number"]))
            if token["number"]
            else Operand(token["name"], token["applicant"])
        )

    def _taken(self, kind: str, text: str) -> bool:
        """Whether the next token is this one; then it is left behind."""
        if self._next < len(self._tokens) and self._tokens[self._next][kind] == text:
            self._next += 1
            return True
        return False

    def _place(self) -> int:
        if self._next == len(self._tokens):
            return len(self._text)
        token = self._tokens[self._next]
        return token.end() - len(token[0].lstrip())

    def _fault(self, at: int) -> ExpressionFault:
        return ExpressionFault(f"“{self._text}” is no expression over metric ids: see place {at + 1}")
