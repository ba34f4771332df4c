"""A Dask cluster reads shared storage to the same bytes as one process does, whatever of it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from clustering import SOURCE, dask, end
from conftest import Run
from corpus import samples
from processes import until
from scraper.archive import Archive
from scraper.cluster import Cluster
from scraper.engine import PATIENCE, Engine, Here, Loss, Pool
from scraper.messages import ScraperError
from scraper.shared.part import SCHEMA, Part
from scraper.shared.parts import whole_parts
from scraper.shared.storage import Storage
from scraper.shared.task import Task, Terms, read_warc

NIANBAO = Path(sys.executable).with_name("nianbao")
FORMATS = Path(__file__).parent / "formats"
HOST = "http://www.example.gov.cn.test"

# So small that there are a dozen of them.
WARC = 8_000
"""Bytes after which another WARC file is begun."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of many WARC files, with reports in many layouts, two as files."""
    folder = tmp_path_factory.mktemp("written")
    with Archive(folder / "archive", writing=True, largest_warc=WARC) as archive:
        for number, sample in enumerate(samples("cluster", 36)):
            kind = "text/html" if sample.kind == "html" else "text/plain"
            archive.store_response(f"{HOST}/{number}.html", "200 OK", [("Content-Type", kind)], sample.data)
        for path in (FORMATS / "report.doc", FORMATS / "report.pdf"):
            headers = [("Content-Type", "application/octet-stream")]
            archive.store_response(f"{HOST}/{path.name}", "200 OK", headers, path.read_bytes())
    assert len(list(folder.glob("archive/*.warc.gz"))) > 8
    return folder


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an empty bucket of a server on this machine that speaks S3."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "nianbao",
            "AWS_SECRET_ACCESS_KEY": "nianbao", "AWS_DEFAULT_REGION": "us-east-1",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        fsspec.filesystem("s3").mkdir("bucket")
        yield "s3://bucket/nianbao"
    finally:
        server.stop()


def contents(url: str) -> dict[str, bytes]:
    """All that was read and settled in shared storage."""
    filesystem, root = fsspec.url_to_fs(url, use_listings_cache=False)
    names = [name for folder in ("parts", "tables") for name in filesystem.find(f"{root}/{folder}")]
    # A worker that is killed leaves what it had not finished, under another name.
    whole = (name for name in names if not name.endswith(".unfinished"))
    return {name.removeprefix(root): filesystem.cat_file(name) for name in whole}


def forget(url: str) -> None:
    """Takes away what was read and settled."""
    filesystem, root = fsspec.url_to_fs(url, use_listings_cache=False)
    for folder in ("parts", "tables"):
        if filesystem.exists(f"{root}/{folder}"):
            filesystem.rm(f"{root}/{folder}", recursive=True)


def read(url: str, engine: Engine, then: Callable[[int], None] = lambda done: None) -> dict[str, bytes]:
    """What an engine reads of all WARC files, from the beginning. ``then`` hears how many were read."""
    forget(url)
    terms = Terms(Storage(url), frozenset(), {}, PATIENCE)
    parts = whole_parts(terms, [], [], engine, lambda done, total: then(done))
    assert parts.said == []
    assert len(parts.whole) == len(parts.new)
    return contents(url)


def test_all_engines_write_the_same_bytes_whatever_of_a_cluster_ends(written: Path, tmp_path: Path) -> None:
    url = written.as_uri()
    alone = read(url, Here())
    assert len(alone) > 8 * len(SCHEMA)
    assert read(url, Pool(2)) == alone
    with dask(tmp_path, 2) as cluster:
        assert read(url, Cluster(cluster.address)) == alone

        def shake(done: int) -> None:
            if done == 3:
                end(cluster.workers[0])
            if done == 6:
                cluster.kill_scheduler()
                cluster.start_scheduler()
                for _ in range(2):
                    cluster.start_worker("--nanny")

        assert read(url, Cluster(cluster.address), shake) == alone


def test_the_command_reads_a_bucket_on_a_cluster_of_which_everything_ends_once(
    written: Path, bucket: str, tmp_path: Path, run: Run
) -> None:
    fsspec.filesystem("s3").put(f"{written}/archive/", f"{bucket}/archive/", recursive=True)
    assert run("parse", "--data", bucket, "--workers", 1).code == 0
    alone = contents(bucket)
    query = "SELECT count(*) AS reports, count(DISTINCT url) AS addresses FROM report"
    asked = ("sql", query, "--data", bucket, "--format", "json")
    answer = run(*asked).records
    forget(bucket)
    with dask(tmp_path, 2) as cluster, (tmp_path / "said").open("w+", encoding="utf-8") as said:
        command = [str(NIANBAO), "parse", "--data", bucket, "--scheduler", cluster.address]
        with subprocess.Popen(command, stderr=said, env=os.environ | {"PYTHONPATH": str(SOURCE)}) as process:
            assert until(lambda: committed(bucket) > 2)
            end(cluster.workers[0])
            assert until(lambda: committed(bucket) > 5)
            cluster.kill_scheduler()
            cluster.start_scheduler()
            cluster.start_worker()
            assert process.wait(timeout=120) == 0
        said.seek(0)
        assert said.read().startswith("Reports read: 38, ")
    assert contents(bucket) == alone
    assert run(*asked).records == answer == [{"reports": 37, "addresses": 37}]
    again = run("parse", "--data", bucket, "--scheduler", "tcp://127.0.0.1:1")
    assert again.err.startswith("No new report to read."), "what was read needs no cluster"


def committed(url: str) -> int:
    """How many WARC files were read to their end."""
    filesystem, root = fsspec.url_to_fs(url, use_listings_cache=False)
    return len(filesystem.find(f"{root}/parts/read"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--data", "{}", "--scheduler", "tcp://127.0.0.1:1"), "is a folder of this machine"),
        (
            ("--data", "file://{}", "--scheduler", "somewhere"),
            "“somewhere” is no address of a Dask scheduler",
        ),
        (
            ("--data", "file://{}", "--scheduler", "tcp://127.0.0.1:1", "--workers", "2"),
            "leave out --workers",
        ),
    ],
)
def test_wrong_usage_names_the_cure(options: tuple[str, ...], said: str, run: Run, tmp_path: Path) -> None:
    found = run("parse", *(option.format(tmp_path) for option in options))
    assert found.code == 2
    assert said in found.err


def test_a_scheduler_that_does_not_answer_is_named(run: Run, written: Path) -> None:
    forget(written.as_uri())
    given = ("--scheduler", "tcp://127.0.0.1:1", "--wait", 1)
    found = run("parse", "--data", written.as_uri(), *given)
    assert found.code == 1
    assert found.err.splitlines()[-1].startswith(
        "error: The Dask scheduler at tcp://127.0.0.1:1 has not answered for 1 seconds. Start it"
    )


def test_storage_that_only_the_command_sees_is_told_with_the_worker(tmp_path: Path) -> None:
    with dask(tmp_path, 1) as cluster:
        engine = Cluster(cluster.address)
        task = Task("x.warc.gz", 10)
        terms = Terms(Storage("file:///nowhere/at/all"), frozenset(), {}, PATIENCE)
        said = r"file:///nowhere/at/all/archive/x.warc.gz .*\(Found by the Dask worker tcp://[\d.:]+\.\)"
        with pytest.raises(ScraperError, match=said):
            list(engine.map(partial(read_warc, terms), [task], lost))


def lost(task: Task, loss: Loss) -> Part:
    raise AssertionError(task)
