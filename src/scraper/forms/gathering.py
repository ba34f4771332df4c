"""What the grids of one document hold together: each figure once, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from scraper.forms import catalogue
from scraper.forms.catalogue import Block
from scraper.forms.facts import Fact
from scraper.forms.heads import Head
from scraper.messages import Message, message

# Fewer rows than this of a long table of labels that other tables use as well are not that table.
_FEWEST_STATISTICS = 5

# Copies of a report on one page (one for phones) may differ in a slip; beyond this they are two reports.
_MOST_SLIPS = 2


@dataclass
class Match:
    """What the grids of a document hold: facts, the form of each table, and what could not be read."""

    facts: list[Fact] = field(default_factory=list)
    forms: dict[str, str] = field(default_factory=dict)
    notices: list[Message] = field(default_factory=list)


Printed = tuple[Fact, str]
"""A fact, and the label that a message about it shows."""


@dataclass
class GridFacts:
    """What one grid holds: its facts, and for each table the forms that each of its rows fits."""

    printed: list[Printed] = field(default_factory=list)
    votes: dict[str, Counter[str]] = field(default_factory=dict)
    rows: set[tuple[Block, int]] = field(default_factory=set)
    notices: list[Message] = field(default_factory=list)

    def notice(self, code: str, **values: object) -> None:
        """Keeps a message about the grid."""
        self.notices.append(message(code, **values))

    def vote(self, table: str, fitting: Sequence[Block]) -> None:
        """Counts a row for every form that it fits."""
        votes = self.votes.setdefault(table, Counter())
        for form in {block.form for block in fitting}:
            votes[form] += 1


class Gathering:
    """Puts the grids of a document together, in their order.

    ``heads`` and ``groups`` are the headings seen so far, and the labels of several rows with the number of
    the row where each was last seen, for tables that a page break cut off from theirs.
    """

    def __init__(self) -> None:
        self.heads: dict[Block, Head] = {}
        self.groups: dict[str, int] = {}
        self._facts: dict[tuple[str, str], Fact] = {}
        self._votes: dict[str, Counter[str]] = {}
        self._rows: set[tuple[Block, int]] = set()
        self._notices: dict[str, Message] = {}
        self._another_report = False

    def take(self, grid: GridFacts) -> None:
        """Adds what a grid holds, unless it belongs to another report on the same page."""
        if self._another_report and grid.votes:
            return
        if self._differing(grid.printed) > _MOST_SLIPS:
            self._another_report = True
            self.notice("several_reports")
            return
        for said in grid.notices:
            self._notice(said)
        self._rows |= grid.rows
        for table, votes in grid.votes.items():
            self._votes.setdefault(table, Counter()).update(votes)
        for fact, label in grid.printed:
            self._add(fact, label)

    def _differing(self, printed: Sequence[Printed]) -> int:
        """How many figures of earlier grids a later one contradicts."""
        if not self._facts:
            return 0
        earlier = ((self._facts.get((fact.metric, fact.applicant)), fact) for fact, _ in printed)
        twice = [(known, fact) for known, fact in earlier if known is not None and not fact.is_local]
        return sum(known.raw != fact.raw and known.value != fact.value for known, fact in twice)

    def _add(self, fact: Fact, label: str) -> None:
        if fact.is_local:
            fact = self._named_apart(fact)
        key = (fact.metric, fact.applicant)
        earlier = self._facts.setdefault(key, fact)
        if earlier is not fact and earlier.value != fact.value and not fact.is_local:
            names = catalogue.table_names(fact.table)
            self.notice("figures_differ", table=names, label=label, first=earlier.raw, second=fact.raw)
            self._facts[key] = earlier.without_value()

    def _named_apart(self, fact: Fact) -> Fact:
        """A local fact whose name no other row of its table has; a copy of the table repeats the name."""
        metric, count = fact.metric, 1
        while (known := self._facts.get((fact.metric, fact.applicant))) and (
            known.table_no == fact.table_no or known.raw != fact.raw
        ):
            count += 1
            fact = fact._replace(metric=f"{metric} ({count})")
        return fact

    def match(self) -> Match:
        """All that was gathered."""
        self._drop_stray_statistics()
        forms = self._forms()
        for table, form in forms.items():
            self._missing_rows(table, form)
        if forms:
            self._missing_tables(forms)
        return Match(list(self._facts.values()), forms, list(self._notices.values()))

    def _drop_stray_statistics(self) -> None:
        """Leaves out rows of other tables that happen to be labelled as rows of the statistics."""
        rows = {row for block, row in self._rows if block.table == "statistics"}
        if 0 < len(rows) < _FEWEST_STATISTICS:
            self._facts = {key: fact for key, fact in self._facts.items() if fact.table != "statistics"}
            self._votes.pop("statistics", None)

    def _forms(self) -> dict[str, str]:
        """The form of each table: the one whose labels fit most rows.

        A table that fits several equally well (the cases table is the same in all) is of the form that
        the others are of.
        """
        best = {
            table: [form for form, count in votes.items() if count == max(votes.values())]
            for table, votes in self._votes.items()
        }
        decided = Counter(forms[0] for forms in best.values() if len(forms) == 1)
        ranking = [form for form, _ in decided.most_common()] + list(reversed(catalogue.FORMS))
        return {table: next(form for form in ranking if form in forms) for table, forms in best.items()}

    def _missing_rows(self, table: str, form: str) -> None:
        absent = [
            row.label
            for block in catalogue.blocks()
            if (block.table, block.form) == (table, form)
            for number, row in enumerate(block.rows)
            if not row.optional and (block, number) not in self._rows
        ]
        if absent:
            names = catalogue.table_names(table)
            self.notice("rows_missing", table=names, labels="; ".join(absent), count=len(absent))

    def _missing_tables(self, forms: dict[str, str]) -> None:
        usual = Counter(forms.values()).most_common(1)[0][0]
        for entry in catalogue.tables():
            if entry.form == usual and entry.table not in forms:
                self.notice("table_missing", table=catalogue.table_names(entry.table))

    def notice(self, code: str, **values: object) -> None:
        """Keeps a message about the document's grids."""
        self._notice(message(code, **values))

    def _notice(self, said: Message) -> None:
        self._notices.setdefault(str(said), said)
