"""The forms and the metric catalogue, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from scraper.forms.labels import Vocabulary
from scraper.forms.numbers import is_money

FORMS = ("2014", "2019", "2021")


@dataclass(frozen=True)
class Metric:
    """One quantity that the forms ask for, with its statutory wording and what its values count."""

    metric: str
    table: str
    form: str
    label_zh: str
    label_en: str
    unit: str
    comparable_with: str
    comparability: str


@dataclass(frozen=True)
class Applicant:
    """A kind of applicant: a column of the requests table."""

    applicant: str
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class Column:
    """A column of figures: its heading, and the headings printed above it from the outermost in."""

    label: str
    groups: tuple[str, ...]
    metric: str | None
    applicant: str


@dataclass(frozen=True)
class Row:
    """A row of figures: its label, the label that spans it, and the metrics of its cells."""

    label: str
    group: str | None
    metrics: tuple[str, ...]
    optional: bool


class Place(NamedTuple):
    """What a cell of a form means; ``unit`` is the catalogue's."""

    metric: str
    applicant: str
    unit: str
    is_money: bool


class HeadingPlace(NamedTuple):
    """What a heading stands for: ``column`` its number, or a ``group`` of columns, or neither."""

    kind: Literal["column", "group", "stub"]
    column: int = -1
    group: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of a statutory table that share one set of column headings.

    A block without rows is a single unlabelled line of figures, as in the cases table. Where
    ``unit_column`` is set a unit stands between the labels and the figures.
    """

    form: str
    table: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    stubs: tuple[str, ...]
    variants: dict[str, list[str]]
    unit_column: bool = False

    @cached_property
    def places(self) -> tuple[tuple[Place, ...], ...]:
        """What each cell of the block means, by row and column; a block without rows has one line."""
        return tuple(
            tuple(
                Place(metric, applicant, units()[metric, self.form], is_money(units()[metric, self.form]))
                for metric, applicant in (self.metric_at(row, column) for column in range(len(self.columns)))
            )
            for row in range(len(self.rows) or 1)
        )

    @property
    def has_metric_for_each_column(self) -> bool:
        """Whether the cells of one row are different quantities, not one quantity of several applicants."""
        return any(len(row.metrics) > 1 for row in self.rows)

    def metric_at(self, row: int, column: int) -> tuple[str, str]:
        """Metric and applicant of a cell; ``row`` is ignored where the block has no rows."""
        head = self.columns[column]
        if head.metric is not None:
            return head.metric, head.applicant
        metrics = self.rows[row].metrics
        return metrics[column if len(metrics) > 1 else 0], head.applicant

    def _wordings(self, label: str) -> Iterator[str]:
        yield label
        yield from self.variants.get(label, ())

    def row_wordings(self) -> Iterator[tuple[str, int]]:
        """Every wording of a row's label, and the row's number."""
        for number, row in enumerate(self.rows):
            for wording in self._wordings(row.label):
                yield wording, number

    def group_wordings(self) -> Iterator[tuple[str, str]]:
        """Every wording of the labels that span rows or stand above them, and the form's own."""
        for row in self.rows:
            if row.group:
                for wording in self._wordings(row.group):
                    yield wording, row.group

    def heading_wordings(self) -> Iterator[tuple[str, HeadingPlace]]:
        """Every wording of what may stand above the figures, and what it stands for."""
        for number, column in enumerate(self.columns):
            for wording in self._wordings(column.label):
                yield wording, HeadingPlace("column", column=number)
            for depth, group in enumerate(column.groups, start=1):
                for wording in self._wordings(group):
                    yield wording, HeadingPlace("group", group=column.groups[:depth])
        for stub in self.stubs:
            yield stub, HeadingPlace("stub")

    @cached_property
    def headings(self) -> Vocabulary[HeadingPlace]:
        """What may stand above the block's figures; one for all blocks with the same headings."""
        return _headings(tuple(self.heading_wordings()))


@cache
def _headings(wordings: tuple[tuple[str, HeadingPlace], ...]) -> Vocabulary[HeadingPlace]:
    return Vocabulary(wordings)


@dataclass(frozen=True)
class Table:
    """A statutory table of one form."""

    form: str
    table: str
    label_zh: str
    label_en: str
    blocks: tuple[Block, ...]


@cache
def metrics() -> tuple[Metric, ...]:
    """The catalogue, one entry for each metric and form."""
    return tuple(
        Metric(
            metric=entry["id"],
            table=entry["table"],
            form=form,
            label_zh=entry["zh"],
            label_en=entry["en"],
            unit=entry["unit"],
            comparable_with=entry.get("comparable_with", ""),
            comparability=entry.get("comparability", ""),
        )
        for entry in _toml("metrics.toml")["metric"]
        for form in entry["forms"]
    )


@cache
def applicants() -> tuple[Applicant, ...]:
    """Who files requests, in the order of the form; last the total of them all."""
    return tuple(
        Applicant(entry["id"], entry["zh"], entry["en"]) for entry in _toml("metrics.toml")["applicant"]
    )


@cache
def units() -> dict[tuple[str, str], str]:
    """The unit of each metric in each form."""
    return {(metric.metric, metric.form): metric.unit for metric in metrics()}


@cache
def tables() -> tuple[Table, ...]:
    """The tables of every form."""
    return tuple(table for form in FORMS for table in _tables_of(_toml(f"{form}.toml")))


@cache
def blocks() -> tuple[Block, ...]:
    """The blocks of every form's tables."""
    return tuple(block for table in tables() for block in table.blocks)


def table_names(table: str) -> dict[str, str]:
    """A table's name in both languages."""
    found = next(entry for entry in tables() if entry.table == table)
    return {"en": found.label_en, "zh": found.label_zh}


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / name).read_text(encoding="utf-8"))


def _tables_of(form: dict[str, Any]) -> Iterator[Table]:
    for table in form["table"]:
        yield Table(
            form=form["form"],
            table=table["id"],
            label_zh=table["zh"],
            label_en=table["en"],
            blocks=tuple(
                Block(
                    form=form["form"],
                    table=table["id"],
                    columns=tuple(map(_column, block["columns"])),
                    rows=tuple(map(_row, block.get("rows", ()))),
                    stubs=(*block.get("stub", ()), *block.get("caption", ())),
                    variants=form["variants"],
                    unit_column=block.get("unit_column", False),
                )
                for block in table["block"]
            ),
        )


def _column(entry: dict[str, Any]) -> Column:
    return Column(
        label=entry["label"],
        groups=tuple(entry.get("group", ())),
        metric=entry.get("metric"),
        applicant=entry.get("applicant", ""),
    )


def _row(entry: dict[str, Any]) -> Row:
    return Row(
        label=entry["label"],
        group=entry.get("group"),
        metrics=tuple(entry.get("metrics") or (entry.get("metric", ""),)),
        optional=entry.get("optional", False),
    )
