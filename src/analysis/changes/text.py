"""What differs between two texts, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_SENTENCE = re.compile(r"[^。；！？;!?]*[。；！？;!?]*[”’」』）)]*")
_CONTEXT = 1


@dataclass(frozen=True)
class TextDiff:
    """``lines`` are those of a unified diff whose lines are sentences; ``count`` how many differ."""

    lines: tuple[str, ...]
    count: int


def text_diff(earlier: str, newer: str) -> TextDiff:
    """How ``newer`` differs from ``earlier``; where blanks and lines are set counts nothing."""
    if _flat(earlier) == _flat(newer):
        return TextDiff((), 0)
    before, after = _sentences(earlier), _sentences(newer)
    matcher = SequenceMatcher(None, [*map(_flat, before)], [*map(_flat, after)], autojunk=False)
    steps = [step for step in matcher.get_opcodes() if step[0] != "equal"]
    count = sum(max(j - i, n - m) for _, i, j, m, n in steps)
    return TextDiff(tuple(_unified(matcher, before, after)), count)


def _unified(matcher: SequenceMatcher[str], before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        (_, i, _, m, _), (_, _, j, _, n) = group[0], group[-1]
        yield f"@@ -{_range(i, j)} +{_range(m, n)} @@"
        for tag, i, j, m, n in group:
            if tag == "equal":
                yield from (f" {sentence}" for sentence in before[i:j])
            else:
                yield from (f"-{sentence}" for sentence in before[i:j])
                yield from (f"+{sentence}" for sentence in after[m:n])


def _range(begin: int, end: int) -> str:
    """Lines as unified diffs count them: from 1, and without a number of lines where it is one."""
    length = end - begin
    return str(begin + 1) if length == 1 else f"{begin + 1 if length else begin},{length}"


def _sentences(text: str) -> list[str]:
    return [found for line in text.splitlines() for found in map(str.strip, _SENTENCE.findall(line)) if found]


def _flat(text: str) -> str:
    return "".join(text.split())
