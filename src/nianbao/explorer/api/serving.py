"""The API over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

import anyio
import duckdb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from analysis.database import DatabaseMissing
from analysis.provenance import UnknownReport as UnknownSource
from analysis.reports import UnknownReport
from analysis.review import UnknownFinding
from nianbao.explorer.answering import LATER, NOT_FOUND, WRONGLY_ASKED, Answer, unavailable_because
from nianbao.explorer.api.asking_sql import ask_sql
from nianbao.explorer.api.describing import openapi, table
from nianbao.explorer.api.endpoints import ENDPOINTS, Endpoint
from nianbao.explorer.asked import Asked, words
from nianbao.explorer.remembered import Remembered
from nianbao.explorer.reviewing import Refused, Reviewing, decision_of
from nianbao.explorer.snapshots import BeingWritten, Snapshot, Snapshots
from nianbao.explorer.texts import Texts
from nianbao.failures import EXPECTED, explain
from nianbao.records import plain, plainly
from nianbao.wording import speak
from nianbao.workspace import Workspace
from scraper.messages import Language, ScraperError

_JSON = "application/json"
_SECONDS = 5.0
_MOST_WAITING = 4
_TOO_MANY, _TOO_LONG = 429, 413
_LARGEST = 64 * 1024


class Api:
    """Answers programs, from the same snapshots and by the same queries as the pages."""

    def __init__(
        self,
        workspace: Workspace,
        snapshots: Snapshots,
        texts: Texts,
        remembered: Remembered,
        reviewing: Reviewing,
    ) -> None:
        self._workspace = workspace
        self._texts = texts
        self._snapshots = snapshots
        self._remembered = remembered
        self._reviewing = reviewing
        self._sql = anyio.Semaphore(1)
        self._waiting = 0

    def routes(self) -> list[BaseRoute]:
        """The addresses of the API."""
        found: list[BaseRoute] = [
            Route("/api/openapi.json", self._description),
            Route("/api/findings/{finding}/decisions", self._decide, methods=["POST"]),
        ]
        for name, entry in table()["endpoint"].items():
            if name in ENDPOINTS:
                found.append(Route(f"/api{entry['path']}", partial(self._ask, endpoint=ENDPOINTS[name])))
            else:
                found.append(Route(f"/api{entry['path']}", self._ask_sql))
        return found

    async def _description(self, request: Request) -> Response:
        language = _language(request)
        title, deciding = (words(code).text(language) for code in ("api_title", "api_decide"))
        return _said(openapi(language, title, deciding)).response()

    async def _ask(self, request: Request, endpoint: Endpoint) -> Response:
        try:
            snapshot = self._snapshots.known
            if snapshot is None:
                snapshot = await anyio.to_thread.run_sync(self._snapshots.current)
        except (BeingWritten, DatabaseMissing, OSError, ScraperError, duckdb.Error) as error:
            return _failed(unavailable_because(error).text(_language(request)), LATER).response()
        query = request.query_params.multi_items()
        key = (request.url.path, urlencode(query))
        make = partial(self._answer, snapshot, request, query, endpoint)
        answer = await self._remembered.get(snapshot, key, make, newest=True)
        return answer.response()

    def _answer(
        self, snapshot: Snapshot, request: Request, query: list[tuple[str, str]], endpoint: Endpoint
    ) -> Answer:
        language = _language(request)
        speak(language)
        parts = {name: str(value) for name, value in request.path_params.items()}
        with snapshot.connection.cursor() as connection:
            asked = Asked(
                connection,
                self._workspace,
                language,
                parts,
                query,
                texts=self._texts.index,
                kept=snapshot.kept,
            )
            try:
                return _said(endpoint(asked))
            except UnknownReport as error:
                return _failed(words("no_such_report", given=error.given).text(language), NOT_FOUND)
            except UnknownFinding as error:
                return _failed(words("no_such_finding", given=error.given).text(language), NOT_FOUND)
            except EXPECTED as error:
                status = NOT_FOUND if isinstance(error, UnknownSource) else WRONGLY_ASKED
                return _failed(explain(error)[0], status)

    async def _ask_sql(self, request: Request) -> Response:
        """One statement at a time; whoever would have to wait for many is told so."""
        language = _language(request)
        if self._waiting >= _MOST_WAITING:
            return _failed(words("sql_busy").text(language), _TOO_MANY).response()
        self._waiting += 1
        try:
            async with self._sql:
                run = partial(self._run_sql, request.query_params.get("query", ""), language)
                answer = await anyio.to_thread.run_sync(run)
        finally:
            self._waiting -= 1
        return answer.response()

    def _run_sql(self, query: str, language: Language) -> Answer:
        speak(language)
        try:
            with self._snapshots.current().for_sql.cursor() as connection:
                return _said(ask_sql(connection, query, _SECONDS), lasting=False)
        except (BeingWritten, DatabaseMissing, OSError, ScraperError) as error:
            return _failed(unavailable_because(error).text(language), LATER)
        except EXPECTED as error:
            return _failed(explain(error)[0], WRONGLY_ASKED)

    async def _decide(self, request: Request) -> Response:
        """Takes a decision about a finding, sent as JSON."""
        language = _language(request)
        speak(language)
        finding = str(request.path_params["finding"])
        try:
            fields = await _fields(request)
            await self._reviewing.admit(request, _token(request))
            verdict, name, note = decision_of(fields)
            record = partial(self._reviewing.record, finding, verdict, name, note)
            stored = await anyio.to_thread.run_sync(record)
        except Refused as refused:
            return _failed(refused.said.text(language), refused.status).response()
        except UnknownFinding as error:
            return _failed(words("no_such_finding", given=error.given).text(language), NOT_FOUND).response()
        return _said({"finding": finding, "verdict": verdict, "in_database": stored}).response()


async def _fields(request: Request) -> dict[str, str]:
    """The texts of a JSON object. Another site can't send this type. Raises :class:`Refused`."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _LARGEST:
        raise Refused("review_too_long", _TOO_LONG)
    if request.headers.get("content-type", "").partition(";")[0].strip() != _JSON:
        raise Refused("review_not_json", WRONGLY_ASKED)
    try:
        given = json.loads(await request.body())
    except ValueError as error:
        raise Refused("review_not_json", WRONGLY_ASKED) from error
    if not isinstance(given, Mapping):
        raise Refused("review_not_json", WRONGLY_ASKED)
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _token(request: Request) -> str:
    """The token that a request brings along; headers come as Latin-1, whatever they are."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return ""
    return token.strip().encode("latin-1", "replace").decode("utf-8", "replace")


def _language(request: Request) -> Language:
    return "zh" if request.query_params.get("lang") == "zh" else "en"


def _said(content: Any, *, lasting: bool = True) -> Answer:
    text = json.dumps(plainly(content, _leaf), ensure_ascii=False, default=str, allow_nan=False)
    return Answer(text.encode("utf-8", "replace"), _JSON, lasting=lasting)


def _failed(text: str, status: int) -> Answer:
    body = json.dumps({"error": text}, ensure_ascii=False).encode("utf-8", "replace")
    return Answer(body, _JSON, status, lasting=False)


def _leaf(value: Any) -> Any:
    """A value as JSON holds it; what is no finite number is said in words, for JSON has none."""
    return str(value) if isinstance(value, float) and value - value != 0 else plain(value)
