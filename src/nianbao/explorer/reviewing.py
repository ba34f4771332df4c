"""Decisions about findings, taken in the browser."""

from __future__ import annotations

import threading
from functools import partial
from typing import cast, get_args

import anyio
import duckdb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from analysis import review as decisions
from analysis.review import Verdict
from nianbao.explorer.answering import failed
from nianbao.explorer.asked import address, words
from nianbao.explorer.settings import Settings
from nianbao.explorer.snapshots import Snapshots
from nianbao.failures import Failure
from nianbao.reviews import bring_in
from nianbao.workspace import Workspace
from scraper.messages import Language, ScraperError
from scraper.store import open_database

_FORBIDDEN, _SEE_OTHER, _NOT_KEPT = 403, 303, 500
_LONGEST_NAME, _LONGEST_NOTE, _LARGEST = 100, 4000, 64 * 1024
# Whoever guesses tokens waits between two guesses, and all that guess wait for each other.
_SECONDS_BETWEEN_GUESSES = 1.0


class Refused(Exception):  # noqa: N818 - it is told to whoever decides
    """A decision is not taken; ``said`` and ``status`` tell why."""

    def __init__(self, code: str, status: int, **values: object) -> None:
        super().__init__(code)
        self.said = words(code, **values)
        self.status = status


class Reviewing:
    """Keeps decisions in the workspace's file and brings them into its database, as ``check review`` does."""

    def __init__(self, workspace: Workspace, snapshots: Snapshots, settings: Settings) -> None:
        self._workspace = workspace
        self._snapshots = snapshots
        self._settings = settings
        self._waiting = threading.Event()
        self._guessing = anyio.Lock()

    async def decide(self, request: Request, language: Language) -> Response:
        """Takes the decision that the form of a finding's page sends, and leads back there."""
        finding = str(request.path_params["finding"])
        try:
            fields = await _fields(request)
            await self.admit(request, fields.get("token", ""))
            verdict, name, note = decision_of(fields)
            brought_in = await anyio.to_thread.run_sync(partial(self.record, finding, verdict, name, note))
        except Refused as refused:
            return failed(language, refused.said.text(language), refused.status).response()
        except decisions.UnknownFinding as error:
            said = words("no_such_finding", given=error.given).text(language)
            return failed(language, said, 404).response()
        saved = "yes" if brought_in else "later"
        return RedirectResponse(address(language, f"/finding/{finding}", {"saved": saved}), _SEE_OTHER)

    async def admit(self, request: Request, token: str) -> None:
        """Raises :class:`Refused` unless the request comes from our own page, and from one who may decide."""
        if not self._settings.reviews:
            raise Refused("reviews_off", _FORBIDDEN)
        if not _from_here(request):
            raise Refused("review_from_elsewhere", _FORBIDDEN)
        async with self._guessing:
            if not self._settings.admits(token):
                await anyio.sleep(_SECONDS_BETWEEN_GUESSES)
                raise Refused("token_wrong", _FORBIDDEN)

    def record(self, finding: str, verdict: Verdict, name: str, note: str) -> bool:
        """Keeps a decision; whether the database has it already. Raises :class:`Refused`."""
        with self._snapshots.current().connection.cursor() as connection:
            known = decisions.finding_called(connection, finding)
            taken = decisions.decision_about(connection, known, verdict, name, note)
        try:
            decisions.record_decisions(self._workspace.reviews, [taken])
        except OSError as error:
            raise Refused("review_not_kept", _NOT_KEPT, reason=error) from error
        self._waiting.set()
        self.catch_up()
        self._snapshots.renew(soon=True)
        return not self._waiting.is_set()

    def catch_up(self) -> None:
        """Brings decisions that the database lacks into it, unless somebody else is writing there."""
        if not self._waiting.is_set():
            return
        try:
            with self._snapshots.writing, open_database(self._workspace.database_file) as connection:
                bring_in(self._workspace, connection)
        except (duckdb.Error, ScraperError, Failure):
            return
        self._waiting.clear()


def _from_here(request: Request) -> bool:
    """Whether a page of this explorer sent the request: another site must not decide for its reader."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    # Browsers say where a form comes from; a program, which no other site can lead astray, need not.
    return origin is None or origin.split("://", 1)[-1] == request.headers.get("host", "")


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form of ordinary length. Raises :class:`Refused`."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _LARGEST:
        raise Refused("review_too_long", 413)
    async with request.form(max_files=0, max_fields=10) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def decision_of(fields: dict[str, str]) -> tuple[Verdict, str, str]:
    """Verdict, name and note that somebody sent. Raises :class:`Refused`."""
    verdict, name, note = (fields.get(key, "").strip() for key in ("verdict", "name", "note"))
    if verdict not in get_args(Verdict):
        raise Refused("review_without_verdict", 400)
    if not name:
        raise Refused("review_without_name", 400)
    if len(name) > _LONGEST_NAME or len(note) > _LONGEST_NOTE:
        raise Refused("review_too_long", 413)
    return cast("Verdict", verdict), name, note
