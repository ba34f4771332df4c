"""What tests share: the command, run in this process, and a small workspace to ask questions of."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from nianbao.cli import main

GOLDEN = Path(__file__).parent / "golden"
TONGXIN = GOLDEN / "tongxin-2020-html" / "document.html"

# How long one example takes says more of the machine than of the code. CI tries the same examples in every
# run of the same commit, other runs try others.
settings.register_profile("everywhere", deadline=None)
settings.register_profile("ci", parent=settings.get_profile("everywhere"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "everywhere")


@dataclass(frozen=True)
class Outcome:
    """How a command ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> Any:
        """The JSON on standard output."""
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs ``nianbao`` with the given arguments, in English, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("NIANBAO_DATA", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")

    def run_command(*arguments: object) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, said.out, said.err)

    return run_command


@pytest.fixture
def workspace(run: Run, tmp_path: Path) -> Path:
    """A workspace with the report of Tongxin's county office for 2020."""
    folder = tmp_path / "data"
    assert run("import", TONGXIN).code == 0
    assert run("parse").code == 0
    return folder
