"""Archives with a history, written for tests: what addresses answered, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from conftest import TONGXIN, Run
from scraper.archive import Archive, Capture
from scraper.parse import Parsed, parse
from scraper.store import open_database

HOST = "http://www.tongxin.gov.cn.test"
START = datetime(2021, 3, 1, 8, tzinfo=UTC)
PROSE = "公开内容还不够全面，下一步将加强培训。"

_PAGE = "<html><head><title>{0}</title></head><body><p>{1}</p></body></html>"
NEWS = _PAGE.format("会议通知", "明天上午九点召开会议，请按时参加。" * 30)
SOFT_404 = _PAGE.format("页面不存在", "您访问的页面不存在。")
WALL = _PAGE.format("提示", "您的请求已被拦截。")

_REPORT = TONGXIN.read_text(encoding="utf-8")
_CASES = "<tr><td>{upheld}</td><td>0</td><td>1</td><td>0</td><td>{total}</td>"
_FIRST = _CASES.format(upheld=1, total=2)


def report(*, upheld: int = 1, prose: str = PROSE, views: int = 218, year: int = 2020) -> str:
    """A report's page: how many reviews were upheld (one more is their total), a sentence, and a counter."""
    page = _REPORT.replace(PROSE, prose).replace("2020", str(year))
    page = page.replace(_FIRST, _CASES.format(upheld=upheld, total=upheld + 1))
    return page.replace("<p>本报告由", f"<p>来源：政府办 浏览次数：{views}</p><p>本报告由", 1)


def day(number: float) -> datetime:
    """A moment so many days behind the first."""
    return START + timedelta(days=number)


class History:
    """An archive in ``folder``, and the database that is read from it; addresses are paths on ``HOST``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def answer(
        self, path: str, at: float, page: str = "", status: str = "200 OK", location: str = ""
    ) -> Capture:
        """Archives an answer of the day ``at``."""
        headers = [("Content-Type", "text/html; charset=utf-8")]
        headers += [("Location", location)] if location else []
        with Archive(self.folder / "archive", writing=True) as archive:
            return archive.store_response(url_of(path), status, headers, page.encode(), captured_at=day(at))

    def stands(self, path: str, at: float, original: Capture) -> Capture:
        """Archives that what ``original`` holds still stood on the day ``at``."""
        with Archive(self.folder / "archive", writing=True) as archive:
            return archive.store_not_modified(
                url_of(path), "304 Not Modified", [], original, captured_at=day(at)
            )

    def parse(self) -> Parsed:
        """Reads what is new into the database of the folder."""
        with Archive(self.folder / "archive") as archive, self.database() as connection:
            return parse(archive, connection)

    @contextmanager
    def database(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The database of the folder."""
        with open_database(self.folder / "reports.duckdb") as connection:
            yield connection

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """The lines of a query's result."""
        with self.database() as connection:
            return connection.execute(query).fetchall()


Ask = Callable[..., list[dict[str, Any]]]


def asking(run: Run, history: History) -> Ask:
    """A function that reads what is new and gives the changes that nianbao prints, oldest first."""

    def ask(*arguments: object) -> list[dict[str, Any]]:
        history.parse()
        found = run("changes", "--format", "json", *arguments)
        assert found.code == 0, found.err
        records: list[dict[str, Any]] = found.records
        return records[::-1]

    return ask


def told(records: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Kind, day and path of each change."""
    return [(one["kind"], one["at"][:10], one["url"].removeprefix(HOST)) for one in records]


def url_of(path: str) -> str:
    """The address of a path; addresses stay as they are."""
    return path if ":" in path else f"{HOST}{path}"
