"""The explorer in a real browser: Debian's Chromium, without a head, driven by playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

from conftest import Run
from exploring import hostile_page, make_hostile, served
from nianbao.commands.demo import demo

PAGES = (
    "/", "/province/64", "/county/640324", "/findings",
    "/compare?metric=granted&metric=refusal_rate&year=2019-2022",
    "/rank", "/search?q=日常工作", "/metrics", "/rules", "/about", "/api", "/nowhere",
)  # fmt: skip
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 375, "height": 812}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the explorer of a workspace as ``nianbao demo`` leaves it."""
    folder = tmp_path_factory.mktemp("samples")
    assert demo(data=str(folder)) == 0
    with served(folder) as client:
        yield client


@pytest.fixture(scope="module")
def browser(client: httpx.Client) -> Iterator[Browser]:
    """Chromium. It belongs to the system, as the fonts do: on Debian ``apt-get install chromium``.

    While playwright runs nothing else may run a loop of its own, so the samples are made before.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.fail("Chromium is missing: these tests need it (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        # Nothing foreign is opened here, and in a container Chromium can't make its own sandbox.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, client: httpx.Client) -> Iterator[Page]:
    """A page of a desktop browser; what it complains of fails the test."""
    with browser.new_context(base_url=str(client.base_url), viewport=DESKTOP, locale="zh-CN") as context:
        opened = context.new_page()
        complaints = listen(opened)
        yield opened
        assert not complaints


def listen(page: Page) -> list[str]:
    """What the page's console and its scripts complain of from now on, but for pages that are not there."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "404" not in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def report_of(client: httpx.Client, county: str, year: int) -> str:
    (found,) = client.get("/api/reports", params={"county": county, "year": year}).json()["records"]
    return str(found["report_id"])


def finding_of(client: httpx.Client) -> str:
    found = client.get("/api/findings", params={"rule": "requests.balance"}).json()["records"]
    return str(found[0]["finding_id"])


def all_pages(client: httpx.Client) -> list[str]:
    """One page of every kind."""
    report, finding = report_of(client, "640324", 2020), finding_of(client)
    return [*PAGES, f"/report/{report}", f"/report/{report}?cell=1-4-3", f"/finding/{finding}"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_serious(page: Page, client: httpx.Client, language: str) -> None:
    # The pages differ by their words alone.
    for address in all_pages(client)[:: 1 if language == "zh" else 4]:
        page.goto(f"/{language}{address}")
        found = Axe().run(page, options={"iframes": False})
        serious = [
            f"{one['id']}: {one['nodes'][0]['html'][:200]}"
            for one in found.response["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert not serious, address


def test_nothing_is_wider_than_a_phone(browser: Browser, client: httpx.Client) -> None:
    with browser.new_context(base_url=str(client.base_url), viewport=PHONE, has_touch=True) as context:
        page = context.new_page()
        for address in all_pages(client):
            page.goto(f"/zh{address}")
            wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wider) == 0, address
            heading = page.locator("h1").bounding_box()
            assert heading is not None
            assert heading["x"] >= 0
        page.goto("/zh/")
        page.get_by_role("link", name="发现", exact=True).tap()
        expect(page.get_by_role("heading", level=1)).to_have_text("发现")


def test_from_the_country_to_a_cell_and_back(page: Page) -> None:
    page.goto("/")
    expect(page).to_have_url("/zh/")
    page.get_by_role("link", name="宁夏回族自治区").click()
    page.get_by_role("link", name="同心县").click()
    expect(page.locator("h1")).to_contain_text("同心县")
    page.get_by_role("link", name="同心县人民政府办公室2020年政府信息公开工作年度报告").click()
    page.locator("td.told a").first.click()
    expect(page.locator(".cell-said")).to_contain_text("已标出")
    frame = page.frame_locator("iframe")
    expect(frame.locator("[data-nianbao]")).to_be_visible()
    for _ in range(2):
        page.go_back()
    expect(page.locator("h1")).to_contain_text("640324")


def test_filters_change_the_list_in_place_and_the_back_button_undoes_it(page: Page) -> None:
    page.goto("/zh/findings")
    before = page.locator(".count").inner_text()
    page.evaluate("window.stayed = true")
    page.get_by_label("程度").select_option("error")
    expect(page.locator(".count")).not_to_have_text(before)
    expect(page.locator("td.severity.error")).to_have_count(page.locator(".sheet tbody tr").count())
    assert page.evaluate("window.stayed")
    assert "severity=error" in page.url
    page.go_back()
    expect(page.locator(".count")).to_have_text(before)
    page.goto("/zh/metrics")
    page.locator("#q").fill("refusal")
    expect(page.locator("tbody th")).to_have_count(9)


def test_filters_work_without_scripts(browser: Browser, client: httpx.Client) -> None:
    with browser.new_context(base_url=str(client.base_url), java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/en/findings")
        page.get_by_label("Place").fill("白榆")
        page.get_by_label("Severity").select_option("error")
        page.get_by_role("button", name="Filter").click()
        expect(page.locator(".count")).to_have_text("Findings: 1")
        page.goto("/en/search?q=tongxin")
        expect(page.get_by_role("link", name="同心县").first).to_be_visible()


def test_a_comparison_is_asked_shared_and_taken_home(page: Page, tmp_path: Path) -> None:
    page.goto("/zh/compare")
    page.get_by_label("县", exact=True).fill("同心、青禾")
    page.get_by_label("年度", exact=True).fill("2020-2022")
    page.get_by_label("不予公开率", exact=True).check()
    page.locator("main").get_by_role("button", name="比较").click()
    expect(page.locator("table.comparison tbody tr")).to_have_count(6)
    plot = page.locator(".plot img").first
    plot.scroll_into_view_if_needed()
    expect(plot).to_have_js_property("complete", value=True)
    assert plot.evaluate("image => image.naturalWidth") > 100
    shared = page.url
    for name, beginning in (("XLSX", b"PK"), ("CSV", b"\xef\xbb\xbf"), ("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as taken:
            page.get_by_role("link", name=f"下载 {name}").first.click()
        file = tmp_path / taken.value.suggested_filename
        taken.value.save_as(file)
        assert file.suffix == f".{name.lower()}"
        assert file.read_bytes().startswith(beginning)
    page.goto("/zh/about")
    page.goto(shared)
    expect(page.locator("table.comparison tbody tr")).to_have_count(6)


def test_the_language_is_switched_where_one_is(page: Page, client: httpx.Client) -> None:
    page.goto("/zh/rank?metric=granted&year=2021")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url("/en/rank?metric=granted&year=2021")
    expect(page.locator("h1")).to_have_text("Rankings")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("h1")).to_have_text("排名")


def test_a_decision_is_taken_in_the_browser(page: Page, client: httpx.Client) -> None:
    page.goto(f"/zh/finding/{finding_of(client)}")
    page.get_by_label("姓名").fill("李某")
    page.get_by_label("备注").fill("电话核实 <b>无误</b>")
    page.get_by_label("属实：报告有误").check()
    page.get_by_role("button", name="保存判断").click()
    expect(page.get_by_role("status")).to_have_text("判断已保存。")
    expect(page.locator("table.decisions")).to_contain_text("电话核实 <b>无误</b>")
    expect(page.locator("p .status")).to_have_text("属实")


def test_all_can_be_reached_with_the_keyboard(page: Page) -> None:
    page.goto("/zh/findings")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("程度")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.goto("/zh/findings")
    page.locator("#find").focus()
    page.keyboard.type("青禾")
    page.keyboard.press("Enter")
    expect(page.locator(".places a").first).to_have_text("青禾县")


def test_hostile_reports_are_text(browser: Browser, run: Run, tmp_path: Path) -> None:
    (tmp_path / "hostile.html").write_bytes(hostile_page())
    assert run("import", tmp_path / "hostile.html").code == 0
    assert run("parse").code == 0
    make_hostile(tmp_path / "data" / "reports.duckdb")
    with served(tmp_path / "data") as client, browser.new_context(base_url=str(client.base_url)) as context:
        (report,) = client.get("/api/reports").json()["records"]
        finding = client.get("/api/findings").json()["records"][0]["finding_id"]
        page = context.new_page()
        foreign: list[str] = []
        page.on(
            "request", lambda request: foreign.append(request.url) if "127.0.0.1" not in request.url else None
        )
        for address in (
            f"/zh/report/{report['report_id']}",
            f"/zh/report/{report['report_id']}/archived",
            f"/zh/finding/{finding}",
            "/zh/search?q=总体情况",
            "/zh/compare?metric=granted",
        ):
            page.goto(address)
            page.wait_for_load_state("networkidle")
            assert "taken" not in page.title().split("<")[0], address
            assert page.evaluate("document.title !== 'taken'"), address
        assert not foreign


def test_a_printed_report_has_the_tables_and_nothing_of_the_screen(page: Page, client: httpx.Client) -> None:
    page.goto(f"/zh/report/{report_of(client, '640324', 2020)}")
    page.emulate_media(media="print")
    expect(page.locator("table.printed").first).to_be_visible()
    for hidden in (".top nav", ".find", ".archive", ".files"):
        expect(page.locator(hidden).first).to_be_hidden()
