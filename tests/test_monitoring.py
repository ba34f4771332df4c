"""What Prometheus sees of a crawl and of parse: scraped while they run, and in the file that they leave."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from conftest import Run
from portal_server import Answer, PortalServer, serving
from processes import until
from scraper.portals import Portal, write_registry
from volume.pages import LIST_PATH, Extent, Pages, county_of, host

NIANBAO = Path(sys.executable).with_name("nianbao")
DOCS = [Path(__file__).parents[1] / "docs" / page for page in ("operations.md", "zh/operations.md")]
EXTENT = Extent(portals=1, reports=12, on_page=12, small=True)
HOST = host(0)
ADDRESS = re.compile(r"http://[\d.]+:\d+/metrics")

Metrics = dict[str, float]
"""Values by name and labels, as they are written: ``name{label="value"}``."""


def parsed(text: str) -> Metrics:
    found: Metrics = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def ours(metrics: Metrics) -> set[str]:
    return {key.partition("{")[0] for key in metrics if key.startswith("nianbao_")}


def workspace_of(folder: Path, delay: float = 0.0) -> Path:
    data = folder / "data"
    data.mkdir()
    entry = Portal("990001", county_of(0), f"http://{HOST}/", province="样例省", delay=delay, loopback=True)
    write_registry(data / "portals.toml", [entry])
    return data


@pytest.fixture
def answers() -> dict[str, Answer | list[Answer]]:
    """A portal's pages; those that a test puts there instead are answered."""
    pages = Pages(EXTENT)
    paths = ["/robots.txt", "/", "/zfxxgk/", LIST_PATH]
    paths += [f"{LIST_PATH}content_{number}.html" for number in range(EXTENT.reports)]
    found: dict[str, Answer | list[Answer]] = {}
    for path in paths:
        kind, body = pages.answer(0, path) or ("", b"")
        found[path] = Answer(body, headers={"Content-Type": f"{kind}; charset=utf-8"})
    return found


@pytest.fixture
def server(answers: dict[str, Answer | list[Answer]]) -> Iterator[PortalServer]:
    with serving(answers) as server:
        yield server


def crawling(data: Path, server: PortalServer, *options: object) -> list[str]:
    reached = f"{HOST}=127.0.0.1:{server.port}"
    return ["crawl", "--data", str(data), "--resolve", reached, *map(str, options)]


def test_a_crawl_is_scraped_while_it_runs(tmp_path: Path, server: PortalServer) -> None:
    data = workspace_of(tmp_path, delay=0.2)
    file = tmp_path / "crawl.prom"
    command = [str(NIANBAO), *crawling(data, server, "--metrics-port", 0, "--metrics-file", file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        (address,) = ADDRESS.findall(process.stderr.readline())
        assert file.exists()
        assert until(lambda: len(server.asked) > 4)
        early = scraped(address)
        assert process.poll() is None
        said = process.stderr.read()
    assert process.returncode == 0, said
    assert early["nianbao_crawl_portals"] == 1
    assert 1 <= early['nianbao_crawl_requests_total{outcome="ok"}'] <= len(server.asked)
    assert early["nianbao_crawl_received_bytes_total"] > 0
    assert early['nianbao_crawl_portals_total{result="whole"}'] == 0
    assert "nianbao_crawl_exit_code" not in early
    assert early["process_resident_memory_bytes"] > 1e6
    late = parsed(file.read_text(encoding="utf-8"))
    assert late['nianbao_crawl_requests_total{outcome="ok"}'] == len(server.asked) == 16
    assert late['nianbao_crawl_reports_total{state="new"}'] == EXTENT.reports
    assert late['nianbao_crawl_portals_total{result="whole"}'] == 1
    assert late["nianbao_crawl_received_bytes_total"] == sum(
        len(body) for path in server.paths if (body := bytes_of(path))
    )
    # The pauses are no shorter than the delay, but for a tenth.
    assert late["nianbao_crawl_waiting_seconds_total"] > 0.9 * 0.2 * (len(server.asked) - 1)
    assert late["nianbao_crawl_exit_code"] == 0
    assert late["nianbao_crawl_ended_timestamp_seconds"] > late["nianbao_crawl_began_timestamp_seconds"]
    assert ours(early) < ours(late)
    with pytest.raises(OSError, match="refused"):
        scraped(address)


def scraped(address: str) -> Metrics:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - an address on this machine
        return parsed(answer.read().decode())


def bytes_of(path: str) -> bytes:
    return (Pages(EXTENT).answer(0, path) or ("", b""))[1]


def test_what_a_shard_and_parse_leave_in_files(run: Run, tmp_path: Path, server: PortalServer) -> None:
    data = workspace_of(tmp_path)
    crawl, parse = tmp_path / "crawl.prom", tmp_path / "parse.prom"
    assert run(*crawling(data, server, "--shard", "1/1", "--metrics-file", crawl)).code == 0
    metrics = parsed(crawl.read_text(encoding="utf-8"))
    assert metrics['nianbao_crawl_reports_total{shard="1/1",state="new"}'] == EXTENT.reports
    assert all('shard="1/1"' in key for key in metrics)
    assert run("parse", "--data", data, "--metrics-file", parse).code == 0
    metrics = parsed(parse.read_text(encoding="utf-8"))
    assert metrics['nianbao_parse_records_total{outcome="report"}'] == EXTENT.reports
    assert metrics['nianbao_parse_records_total{outcome="other_page"}'] > 0
    assert metrics["nianbao_parse_unread"] == 0
    assert metrics["nianbao_parse_failures_total"] == 0
    assert metrics["nianbao_parse_exit_code"] == 0
    (facts,) = run("sql", "SELECT count(*) AS n FROM fact", "--data", data).records
    assert metrics["nianbao_parse_facts_total"] == facts["n"]
    assert metrics["nianbao_parse_findings"] >= 0
    # node_exporter refuses a series that two files have.
    assert not metrics.keys() & parsed(crawl.read_text(encoding="utf-8")).keys()
    assert sorted(path.name for path in tmp_path.glob("*.prom*")) == ["crawl.prom", "parse.prom"]


def test_gaps_and_failed_portals_are_counted(
    run: Run, tmp_path: Path, answers: dict[str, Answer | list[Answer]], server: PortalServer
) -> None:
    data = workspace_of(tmp_path)
    answers[f"{LIST_PATH}content_3.html"] = Answer(b"no", 404)
    file = tmp_path / "crawl.prom"
    assert run(*crawling(data, server, "--metrics-file", file)).code == 1
    metrics = parsed(file.read_text(encoding="utf-8"))
    assert metrics['nianbao_crawl_gaps_total{outcome="gone"}'] == 1
    assert metrics['nianbao_crawl_requests_total{outcome="gone"}'] == 1
    assert metrics['nianbao_crawl_portals_total{result="in_part"}'] == 1
    assert metrics["nianbao_crawl_exit_code"] == 1


def test_a_run_that_fails_says_so(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "parse.prom"
    assert run("parse", "--data", tmp_path / "nowhere", "--metrics-file", file).code == 1
    metrics = parsed(file.read_text(encoding="utf-8"))
    assert metrics["nianbao_parse_exit_code"] == 1


@pytest.mark.parametrize("page", DOCS, ids=lambda path: path.parent.name)
def test_the_docs_name_every_metric(
    page: Path, run: Run, tmp_path: Path, answers: dict[str, Answer | list[Answer]], server: PortalServer
) -> None:
    data = workspace_of(tmp_path)
    answers[f"{LIST_PATH}content_3.html"] = Answer(b"no", 404)
    found: set[str] = set()
    for command in (crawling(data, server), ["parse", "--data", str(data)]):
        run(*command, "--metrics-file", tmp_path / "run.prom")
        found |= ours(parsed((tmp_path / "run.prom").read_text(encoding="utf-8")))
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`(nianbao_(?:crawl|parse)_\w+)", text))
    both = re.findall(r"`nianbao_…_(\w+)", text)
    named |= {f"nianbao_{command}_{rest}" for rest in both for command in ("crawl", "parse")}
    assert named == found


@pytest.mark.parametrize("wrong", ["", "x", "65536", "-1", "localhost", "127.0.0.1:", "[::1]", "１"])
def test_what_is_no_port_is_refused(run: Run, tmp_path: Path, wrong: str) -> None:
    (tmp_path / "data" / "archive").mkdir(parents=True)
    said = run("parse", f"--metrics-port={wrong}")
    assert said.code == 2
    assert f"“{wrong}”" in said.err


def test_a_port_that_is_taken_and_a_folder_that_is_missing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data" / "archive").mkdir(parents=True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = run("parse", "--metrics-port", port)
        assert said.code == 1
        assert f"port {port}" in said.err
    said = run("parse", "--metrics-file", tmp_path / "none" / "x.prom")
    assert said.code == 1
    assert "x.prom" in said.err
    assert run("parse", "--metrics-port", "localhost:0").code == 0
    with suppress(OSError), socket.socket(socket.AF_INET6) as six:
        six.bind(("::1", 0))
        assert "http://[::1]:" in run("parse", "--metrics-port", "[::1]:0").err


WITHOUT = """
import sys
sys.modules["prometheus_client"] = None
from nianbao.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("option", ["--metrics-port=0", "--metrics-file=x.prom", ""])
def test_without_the_extra_only_who_asks_for_metrics_is_told(tmp_path: Path, option: str) -> None:
    (tmp_path / "data" / "archive").mkdir(parents=True)
    command = [sys.executable, "-c", WITHOUT, "parse", "--lang", "en", *filter(None, [option])]
    began = time.monotonic()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert time.monotonic() - began < 60
    assert done.returncode == (1 if option else 0), done.stderr
    assert ("nianbao[metrics]" in done.stderr) == bool(option)
