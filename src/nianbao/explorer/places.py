"""Places by name, found once for each state of the database."""

from __future__ import annotations

from functools import partial

from analysis.series import County, Place, find_county
from nianbao.explorer.asked import Asked
from nianbao.naming import known_places, place_called


def place_of_name(asked: Asked, given: str) -> Place:
    """The county, prefecture or province called ``given``. Raises what :func:`place_called` raises."""
    known = asked.kept.get("places", partial(known_places, asked.connection))
    return asked.kept.get(("place", given), partial(place_called, asked.connection, given, known))


def county_of_name(asked: Asked, given: str) -> County:
    """The county called ``given``. Raises what :func:`find_county` raises."""
    return asked.kept.get(("county", given), partial(find_county, asked.connection, given))
