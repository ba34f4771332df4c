"""Reports laid out by chance: nearly all cells are right, none is wrong, and what is missed is said."""

from __future__ import annotations

import pytest

from corpus import Sample, samples
from scraper.documents import read_document
from scraper.forms import read_report

REPORTS = 150


@pytest.mark.parametrize("seed", ["2026-a", "2026-b"])
def test_no_layout_makes_a_figure_wrong(seed: str) -> None:
    cells = missed = 0
    for sample in samples(seed, REPORTS):
        report = read_report(read_document(sample.data, "page"), "page")
        read = {(fact.metric, fact.applicant): fact.value for fact in report.facts if not fact.is_local}
        wrong = {key: value for key, value in read.items() if value not in (None, sample.truth.get(key))}
        assert wrong == {}, said_of(sample)
        lost = [key for key, value in sample.truth.items() if value is not None and read.get(key) is None]
        assert not lost or report.notices, said_of(sample)
        cells, missed = cells + len(sample.truth), missed + len(lost)
    assert missed <= cells / 1000


def said_of(sample: Sample) -> str:
    return f"{sample.form} {sample.kind} {' '.join(sample.layouts)}"
