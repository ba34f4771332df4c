"""A question put to its page, and the page made into what is sent: HTML, a table's file, a plot's file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from analysis.database import DatabaseMissing
from analysis.present.fonts import ExtraMissing
from analysis.reports import UnknownReport
from analysis.review import UnknownFinding
from nianbao.explorer.asked import Asked, NotThere, Page, words
from nianbao.explorer.headers import FILE
from nianbao.explorer.rendering import failure_html, page_html
from nianbao.explorer.settings import Settings
from nianbao.explorer.snapshots import BeingWritten, Snapshot
from nianbao.explorer.texts import Texts
from nianbao.failures import EXPECTED, explain
from nianbao.records import file_of
from nianbao.wording import speak
from nianbao.workspace import Workspace
from scraper.messages import Language, Message, ScraperError
from scraper.shared.readable import failure_in

FOUND, WRONGLY_ASKED, NOT_FOUND, LATER = 200, 400, 404, 503
_HTML = "text/html; charset=utf-8"
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_TABLES = ("csv", "xlsx")


@dataclass(frozen=True)
class Answer:
    """What is sent; ``lasting``: it stays the same as long as the database does."""

    body: bytes
    media: str = _HTML
    status: int = FOUND
    headers: Mapping[str, str] = field(default_factory=dict)
    lasting: bool = True

    def response(self) -> Response:
        """The answer as Starlette sends it."""
        return Response(self.body, self.status, dict(self.headers), self.media)


PageFunction = Callable[[Asked], "Page | Answer"]


class Answering:
    """Puts questions about ``workspace`` to the functions of pages."""

    def __init__(self, workspace: Workspace, texts: Texts, settings: Settings) -> None:
        self._workspace = workspace
        self._texts = texts
        self._settings = settings

    def answer(
        self,
        snapshot: Snapshot,
        language: Language,
        path: str,
        page: PageFunction,
        parts: Mapping[str, str],
        query: Sequence[tuple[str, str]],
        suffix: str,
    ) -> Answer:
        """The page as HTML, or the file of one of its tables or plots."""
        speak(language)
        connection = snapshot.connection.cursor()
        asked = Asked(
            connection,
            self._workspace,
            language,
            parts,
            query,
            bool(suffix),
            self._settings.reviews,
            self._settings.token is not None,
            self._texts.index,
            self._settings.boundaries,
            snapshot.kept,
        )
        try:
            found = page(asked)
            if isinstance(found, Answer):
                return found
            if suffix:
                return _file(found, asked, path, suffix)
            html = page_html(found, asked, path.format(**parts), snapshot.taken_at)
            return Answer(html.encode("utf-8", "replace"), lasting=found.lasting)
        except NotThere as error:
            return failed(language, error.said.text(language), NOT_FOUND)
        except (UnknownReport, UnknownFinding) as error:
            said = words(
                "no_such_report" if isinstance(error, UnknownReport) else "no_such_finding", given=error.given
            )
            return failed(language, said.text(language), NOT_FOUND)
        except ExtraMissing as error:
            return failed(language, words("extra_missing", extra=error.extra).text(language), LATER)
        except EXPECTED as error:
            return failed(language, explain(error)[0], WRONGLY_ASKED)
        finally:
            connection.close()


def unavailable_because(error: Exception) -> Message:
    """Why there is no database to ask."""
    if isinstance(error, ScraperError):
        return error.said
    if said := failure_in(str(error)):
        return said
    if isinstance(error, BeingWritten):
        return words("being_written")
    if isinstance(error, DatabaseMissing):
        return words("no_database", file=error.path)
    return words("database_unreadable", reason=next(iter(str(error).splitlines()), type(error).__name__))


def failed(language: Language, text: str, status: int) -> Answer:
    """The page that says why there is nothing to show."""
    codes = {NOT_FOUND: "not_found", LATER: "not_now", WRONGLY_ASKED: "wrongly_asked"}
    title = words(codes.get(status, "wrongly_asked")).text(language)
    headers = {"retry-after": "5"} if status == LATER else {}
    html = failure_html(language, title, text)
    return Answer(html.encode("utf-8", "replace"), _HTML, status, headers, lasting=False)


async def nowhere(request: Request, error: Exception) -> Response:
    """The page for an address at which there is nothing."""
    language: Language = "en" if request.url.path.startswith("/en") else "zh"
    return failed(language, words("no_such_page").text(language), NOT_FOUND).response()


def _file(page: Page, asked: Asked, path: str, suffix: str) -> Answer:
    name = asked.one("table") or ""
    if suffix in _TABLES:
        sheet = page.sheet(name)
        body, called = file_of(sheet.records, sheet.columns, f".{suffix}"), sheet.name
    else:
        picture = page.picture(asked.one("plot") or "")
        body, called = picture.draw(suffix), picture.name
    place = "-".join(part for part in (*path.strip("/").split("/"),) if "{" not in part) or "country"
    given = "-".join(asked.parts.values())
    file = quote("-".join(part for part in ("nianbao", place, given, called) if part))
    shown = "inline" if suffix in ("svg", "png") and not asked.one("save") else "attachment"
    headers = {
        "content-disposition": f"{shown}; filename*=UTF-8''{file}.{suffix}",
        "content-security-policy": FILE,
    }
    return Answer(body, _MEDIA[suffix], FOUND, headers)
