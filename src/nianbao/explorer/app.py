"""The application: addresses, what is remembered of their pages, and what browsers are told to forbid."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlencode

import anyio
import duckdb
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from analysis.database import DatabaseMissing
from nianbao.explorer.answering import (
    FOUND,
    LATER,
    Answering,
    PageFunction,
    failed,
    nowhere,
    unavailable_because,
)
from nianbao.explorer.api.serving import Api
from nianbao.explorer.headers import Headers
from nianbao.explorer.pages import PAGES
from nianbao.explorer.remembered import Remembered
from nianbao.explorer.reviewing import Reviewing
from nianbao.explorer.settings import Settings
from nianbao.explorer.snapshots import BeingWritten, Snapshot, Snapshots
from nianbao.explorer.texts import Texts
from nianbao.workspace import Workspace
from scraper.messages import Language, ScraperError

LANGUAGES: tuple[Language, ...] = ("zh", "en")
_LOOK_EVERY = 2.0
_FIRST_PAGES = ("/", "/about", "/compare", "/findings", "/rank", "/metrics", "/rules", "/api")
_SUFFIXES = ("csv", "xlsx", "svg", "png")


def explorer(workspace: Workspace, settings: Settings) -> Starlette:
    """The explorer of ``workspace``."""
    texts = Texts()
    snapshots = Snapshots(workspace, texts)
    answering = Answering(workspace, texts, settings)
    reviewing = Reviewing(workspace, snapshots, settings)
    remembered = Remembered()
    served = _Served(snapshots, answering, reviewing, remembered)
    api = Api(workspace, snapshots, texts, remembered, reviewing)
    routes: list[BaseRoute] = [
        Route("/", _front),
        Route("/health", served.health),
        *api.routes(),
        Mount("/static", StaticFiles(directory=Path(str(files(__package__) / "static")))),
    ]
    for language in LANGUAGES:
        routes.append(
            Route(
                f"/{language}/finding/{{finding}}",
                partial(reviewing.decide, language=language),
                methods=["POST"],
            )
        )
        for path, page in PAGES.items():
            ask = partial(served.page, language=language, path=path, page=page)
            routes.extend(
                Route(f"/{language}{path.rstrip('/') or '/index'}.{suffix}", partial(ask, suffix=suffix))
                for suffix in _SUFFIXES
            )
            routes.append(Route(f"/{language}{path}", ask))
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(Headers),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(settings.hosts), www_redirect=False),
        ],
        exception_handlers={404: nowhere},
        lifespan=served.lifespan,
    )


async def _front(request: Request) -> Response:
    """Leads to the pages in the language that the browser prefers."""
    wanted = request.headers.get("accept-language", "").strip().lower()
    return RedirectResponse("/zh/" if wanted.startswith("zh") or not wanted else "/en/")


class _Served:
    """Answers each question once for each state of the database, in a few threads."""

    def __init__(
        self, snapshots: Snapshots, answering: Answering, reviewing: Reviewing, remembered: Remembered
    ) -> None:
        self._snapshots = snapshots
        self._answering = answering
        self._reviewing = reviewing
        self._remembered = remembered

    async def page(
        self,
        request: Request,
        *,
        language: Language,
        path: str,
        page: PageFunction,
        suffix: str = "",
    ) -> Response:
        """The page or the file at the address of ``request``."""
        try:
            snapshot = self._snapshots.known
            if snapshot is None:
                snapshot = await anyio.to_thread.run_sync(self._snapshots.current)
        except (BeingWritten, DatabaseMissing, OSError, ScraperError, duckdb.Error) as error:
            return failed(language, unavailable_because(error).text(language), LATER).response()
        parts = {name: str(value) for name, value in request.path_params.items()}
        query = request.query_params.multi_items()
        key = (request.url.path, urlencode(query))
        make = partial(self._answering.answer, snapshot, language, path, page, parts, query, suffix)
        answer = await self._remembered.get(snapshot, key, make)
        return answer.response()

    async def health(self, request: Request) -> Response:
        """Whether questions can be answered, for those who watch over the explorer."""
        try:
            if self._snapshots.known is None:
                await anyio.to_thread.run_sync(self._snapshots.current)
        except (BeingWritten, DatabaseMissing, OSError, ScraperError, duckdb.Error) as error:
            said, status = unavailable_because(error).text("en"), LATER
        else:
            said, status = "ok", FOUND
        return PlainTextResponse(f"{said}\n", status, {"cache-control": "no-store"})

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Looks for changes of the database as long as the explorer runs."""
        watching = asyncio.create_task(self._watch())
        yield
        watching.cancel()

    async def _watch(self) -> None:
        prepared = 0
        while True:
            await anyio.to_thread.run_sync(self._reviewing.catch_up)
            await anyio.to_thread.run_sync(self._snapshots.renew)
            snapshot = self._snapshots.known
            if snapshot is not None and snapshot.number != prepared:
                prepared = snapshot.number
                await self._prepare(snapshot)
            await asyncio.sleep(_LOOK_EVERY)

    async def _prepare(self, snapshot: Snapshot) -> None:
        """Works out what nearly every reader asks for, so that nobody waits for it behind longer work."""
        for language in LANGUAGES:
            for path in _FIRST_PAGES:
                make = partial(self._answering.answer, snapshot, language, path, PAGES[path], {}, [], "")
                await self._remembered.get(snapshot, (f"/{language}{path}", ""), make)
