"""Where a county stands among its peers: reports of the same year and scope."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.series.figures import Figure
from analysis.series.lines import Line
from analysis.series.measures import neighbours

Peers = Literal["prefecture", "province", "kind", "nearest"]

_HUNDRED = 100
_GROUPS: Mapping[str, Callable[[Line], Hashable]] = {
    "prefecture": lambda line: (line.province, line.prefecture),
    "province": lambda line: line.province,
    "kind": lambda line: line.kind,
    "nearest": lambda _: "",
}


@dataclass(frozen=True)
class Standing:
    """A figure beside those of its peers, itself not among them.

    ``percentile``: for how many in a hundred of the peers the figure is smaller, peers with the same
    figure counted half; None where the line has no figure or there are no peers. ``peers`` is how many
    have one; ``lower``, ``median`` and ``upper`` are their quartiles, between neighbours in proportion.
    """

    peers: int = 0
    percentile: float | None = None
    lower: float | None = None
    median: float | None = None
    upper: float | None = None


def standings(
    lines: Sequence[Line],
    column: Sequence[Figure],
    peers: Peers,
    wanted: Collection[int],
    caseload: Sequence[Figure] = (),
) -> dict[int, Standing]:
    """How the figures at the places ``wanted`` stand; peers are all ``lines`` with a figure.

    ``caseload`` has each line's size, for the nearest neighbours.
    """
    groups = _groups(lines, column, peers)
    if peers == "nearest":
        return dict(_among_nearest(lines, column, wanted, groups, caseload))
    ordered = {key: sorted(value for _, value in found) for key, found in groups.items()}
    return {
        place: _standing(column[place].value, ordered.get(_key(lines[place], peers), ()))
        for place in wanted
        if lines[place].place is not None
    }


def _key(line: Line, peers: Peers) -> Hashable:
    return line.year, line.scope, _GROUPS[peers](line)


def _groups(
    lines: Sequence[Line], column: Sequence[Figure], peers: Peers
) -> dict[Hashable, list[tuple[int, float]]]:
    """The places and values of the figures of each group of peers."""
    found: defaultdict[Hashable, list[tuple[int, float]]] = defaultdict(list)
    for place, (line, figure) in enumerate(zip(lines, column, strict=True)):
        if figure.value is not None:
            found[_key(line, peers)].append((place, figure.value))
    return found


def _standing(value: float | None, ordered: Sequence[float]) -> Standing:
    """``ordered`` are the values of the group, ``value`` among them."""
    if value is None:
        return _quartiles(len(ordered), ordered.__getitem__)
    below, upto = bisect_left(ordered, value), bisect_right(ordered, value)
    count = len(ordered) - 1
    found = _quartiles(count, lambda place: ordered[place if place < below else place + 1])
    if not count:
        return found
    percentile = _HUNDRED * (below + (upto - below - 1) / 2) / count
    return Standing(count, percentile, found.lower, found.median, found.upper)


def _quartiles(count: int, value: Callable[[int], float]) -> Standing:
    """The quartiles of ``count`` ordered values."""
    if not count:
        return Standing()
    lower, median, upper = (_quantile(count, value, share / 4) for share in (1, 2, 3))
    return Standing(count, None, lower, median, upper)


def _quantile(count: int, value: Callable[[int], float], share: float) -> float:
    place = (count - 1) * share
    before = math.floor(place)
    if place == before:
        return value(before)
    low, high = value(before), value(before + 1)
    return low + (high - low) * (place - before)


def _among_nearest(
    lines: Sequence[Line],
    column: Sequence[Figure],
    wanted: Collection[int],
    groups: Mapping[Hashable, Sequence[tuple[int, float]]],
    caseload: Sequence[Figure],
) -> Iterator[tuple[int, Standing]]:
    sized = {
        key: sorted((size, place) for place, _ in found if (size := _size(caseload[place])) is not None)
        for key, found in groups.items()
    }
    for place in wanted:
        size = _size(caseload[place])
        if lines[place].place is None:
            continue
        if size is None:
            yield place, Standing()
            continue
        near = _nearest(sized.get(_key(lines[place], "nearest"), ()), size, place)
        values = [value for one in near if (value := column[one].value) is not None]
        own = column[place].value
        yield place, _standing(own, sorted(values if own is None else [*values, own]))


def _size(figure: Figure) -> float | None:
    """Caseloads are compared by ratio: 10 is as far from 20 as 100 from 200."""
    return None if figure.value is None else math.log1p(max(figure.value, 0))


def _nearest(sized: Sequence[tuple[float, int]], size: float, place: int) -> Iterator[int]:
    """The places of the neighbours of ``place``, the nearest first; of two equally near the smaller."""
    count, _ = neighbours()
    after = bisect_left(sized, (size, place))
    before = after - 1
    if after < len(sized) and sized[after][1] == place:
        after += 1
    for _ in range(count):
        has_before, has_after = before >= 0, after < len(sized)
        if not has_before and not has_after:
            return
        down = has_before and (not has_after or size - sized[before][0] <= sized[after][0] - size)
        yield sized[before if down else after][1]
        before, after = (before - 1, after) if down else (before, after + 1)
