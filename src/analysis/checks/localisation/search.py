"""Finds the smallest explanations: a covering programme, tightened by implied edits until it holds.

The programme chooses the fewest cells and misplaced lines so that every broken relation has one of them;
elimination then tells whether figures exist for that choice. If not, it names implied edits, which the
programme must cover from then on (Garfinkel, Kunnathur and Liepins, "Optimal imputation of erroneous data",
Operations Research 34, 1986). The first choice with figures is a smallest one; forbidding it and going on
gives all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from analysis.checks.localisation.catalogue import slips
from analysis.checks.localisation.edits import Edit, broken, solve
from analysis.checks.localisation.explanation import Change, Explanation
from analysis.checks.localisation.misplacements import Grid, Misplacement, misplacements
from analysis.checks.localisation.programme import CoveringProgramme
from analysis.checks.localisation.sheet import Exact, Sheet, assessable
from analysis.checks.localisation.slips import Surroundings
from analysis.checks.relation import Cell, LinearRelation

# A part that takes more slips than this is no slip any more: it is left unexplained.
MOST_SLIPS = 6
# How many explanations of a part are named, and how many equally small ones the best are chosen from.
MOST_NAMED = 20
MOST_COMPARED = 60
# How often the covering programme of a part is solved at most; keeps a report below a second.
MOST_CHOICES = 150

Element = Cell | Misplacement
Choice = frozenset[Element]


def localise(
    cells: Mapping[Cell, Fraction | None],
    relations: Sequence[LinearRelation],
    *,
    printed: Mapping[Cell, str] | None = None,
    order: Sequence[Grid] = (),
) -> tuple[Explanation, ...]:
    """The smallest explanations of what fails, part by part; none where nothing fails.

    ``cells`` are the figures of one report, None for a blank one. A relation with a blank cell counts only
    if it holds with zero in its place. ``printed`` has the raw texts of cells, in which slips of digits are
    looked for; ``order`` the tables as the form prints them, without which no shifted or swapped rows and
    columns are found. A part with more than :data:`MOST_SLIPS` slips has no explanation.
    """
    sheet = Sheet(cells, assessable(cells, relations))
    if not sheet.failing:
        return ()
    around = Surroundings(sheet, printed or {}, order)
    return tuple(
        explanation
        for number, part in enumerate(_parts(sheet, misplacements(sheet, order)))
        for explanation in part.explanations(number, around)
    )


@dataclass(frozen=True)
class _Mended:
    """A choice that has figures: what each cell should say, and which of these figures are open."""

    choice: Choice
    figures: Mapping[Cell, Exact]
    open: frozenset[Cell]


@dataclass(frozen=True)
class _Part:
    """Relations that hang together by their cells, some of them broken, and the slips that touch them."""

    sheet: Sheet
    misplacements: tuple[Misplacement, ...]

    def explanations(self, number: int, around: Surroundings) -> list[Explanation]:
        """The best of the smallest explanations, in an order of their own."""
        found, all_found = self._smallest()
        rated: dict[object, tuple[int, int, tuple[Change, ...]]] = {}
        for mended in found:
            changes, weight = self._rated(mended, around)
            entry = (weight, _size(mended.choice), changes)
            # What several slips would account for alike is one explanation.
            key = tuple(mended.figures.items())
            rated[key] = min(rated.get(key, entry), entry, key=_rank)
        best = min((weight for weight, _, _ in rated.values()), default=0)
        named = sorted((entry for entry in rated.values() if entry[0] == best), key=_rank)
        complete = all_found and len(named) <= MOST_NAMED
        return [
            Explanation(changes, weight, size, number, complete)
            for weight, size, changes in named[:MOST_NAMED]
        ]

    def _smallest(self) -> tuple[list[_Mended], bool]:
        """Choices with figures, all of the smallest size, and whether these are all."""
        programme: CoveringProgramme[Element] = CoveringProgramme(_cost)
        for edit in broken(self.sheet):
            programme.require(self._helpers(edit, frozenset(), self.sheet.values))
        found: list[_Mended] = []
        for _ in range(MOST_CHOICES):
            choice = programme.solve()
            if choice is None or _size(choice) > (_size(found[0].choice) if found else MOST_SLIPS):
                return found, True
            if len(found) == MOST_COMPARED:
                return found, False
            mended = self._try(choice, programme)
            if mended is not None:
                found.append(mended)
                programme.forbid(choice)
        return found, False

    def _try(self, choice: Choice, programme: CoveringProgramme[Element]) -> _Mended | None:
        """Figures for a choice; where there are none, tells the programme why."""
        undone = sorted((one for one in choice if isinstance(one, Misplacement)), key=_cells)
        for place, one in enumerate(undone):
            for other in undone[:place]:
                if one.cells & other.cells:
                    programme.forbid((one, other))
                    return None
        values = dict(self.sheet.values)
        for misplacement in undone:
            values |= misplacement.undone
        free = {one for one in choice if not isinstance(one, Misplacement)}
        free |= {cell for misplacement in undone for cell in misplacement.lost}
        lacking = self._lacking(free, undone, values)
        outcome = solve(self.sheet, free, values, lacking)
        for edit in outcome.edits:
            programme.require(self._helpers(edit, choice, values), unless=undone)
        if outcome.edits:
            return None
        figures = values | {cell: values[cell] + change for cell, change in outcome.changes.items()}
        figures = {cell: value for cell, value in figures.items() if value != self.sheet.values[cell]}
        return _Mended(choice, dict(sorted(figures.items())), outcome.open)

    def _lacking(
        self, free: Iterable[Cell], undone: Iterable[Misplacement], values: Mapping[Cell, Exact]
    ) -> dict[int, Exact]:
        """What is lacking in every relation that ``free`` cells take part in, and in those that fail."""
        touching = self.sheet.touching
        moved = {number for one in undone for cell in one.cells for number in touching.get(cell, ())}
        lacking = dict(enumerate(self.sheet.lacking))
        lacking |= {number: self.sheet.lack(number, values) for number in moved}
        concerned = {number for cell in free for number in touching.get(cell, ())}
        return {
            number: lack
            for number, lack in lacking.items()
            if number in concerned or self.sheet.fails(number, lack)
        }

    def _helpers(self, edit: Edit, choice: Choice, values: Mapping[Cell, Exact]) -> Iterator[Element]:
        """The cells and misplacements that, on top of ``choice``, can help to meet ``edit``."""
        stuck = set()
        for cell in edit.coefficients:
            if edit.moved_by(cell, values):
                yield cell
            else:
                stuck.add(cell)
        for misplacement in self.misplacements:
            if misplacement not in choice and (
                not stuck.isdisjoint(misplacement.cells) or self._shifts(misplacement, edit)
            ):
                yield misplacement

    def _shifts(self, misplacement: Misplacement, edit: Edit) -> bool:
        if not misplacement.lost.isdisjoint(edit.coefficients):
            return True
        moved = sum(
            edit.coefficients[cell] * (value - self.sheet.values[cell])
            for cell, value in misplacement.undone.items()
            if cell in edit.coefficients
        )
        return moved != 0

    def _rated(self, mended: _Mended, around: Surroundings) -> tuple[tuple[Change, ...], int]:
        """The changes of a choice with their slips, and their weight together."""
        catalogue = slips()
        undone = [one for one in mended.choice if isinstance(one, Misplacement)]
        block = {cell: one.slip for one in undone for cell in one.cells}
        weight = sum(catalogue.weight(one.slip) for one in undone)
        changes: list[Change] = []
        for cell, value in mended.figures.items():
            slip = block.get(cell) or around.slip(cell, value)
            if cell not in block:
                weight += catalogue.weight(slip)
            printed = self.sheet.printed.get(cell)
            changes.append(Change(*cell, printed, Fraction(value), slip, cell in mended.open))
        return tuple(changes), weight


def _parts(sheet: Sheet, found: Sequence[Misplacement]) -> list[_Part]:
    """The parts of a report in which something fails."""
    leader = list(range(len(sheet.relations)))

    def lead(number: int) -> int:
        while leader[number] != number:
            number = leader[number]
        return number

    def join(cells: Iterable[Cell]) -> None:
        numbers = [lead(number) for cell in cells for number in sheet.touching.get(cell, ())]
        for number in numbers:
            leader[lead(number)] = lead(numbers[0])

    for cell in sheet.touching:
        join([cell])
    for misplacement in found:
        join(sorted(misplacement.cells))
    members: dict[int, list[int]] = {}
    for number in range(len(leader)):
        members.setdefault(lead(number), []).append(number)
    failing = {lead(number) for number in sheet.failing}
    parts = [sheet.only(numbers) for root, numbers in members.items() if root in failing]
    return [
        _Part(part, tuple(one for one in found if not part.touching.keys().isdisjoint(one.cells)))
        for part in parts
    ]


def _cost(element: Element) -> int:
    return element.cost if isinstance(element, Misplacement) else 1


def _size(choice: Choice) -> int:
    return sum(map(_cost, choice))


def _cells(misplacement: Misplacement) -> list[Cell]:
    return sorted(misplacement.cells)


def _rank(
    entry: tuple[int, int, tuple[Change, ...]],
) -> tuple[int, int, list[tuple[str, str, Fraction, str]]]:
    weight, size, changes = entry
    return weight, size, [(one.metric, one.applicant, one.to, one.slip or "") for one in changes]
