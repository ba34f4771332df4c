"""Sentences for people, in English and Chinese, kept in TOML beside the code that says them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@cache
def _wordings(package: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((files(package) / "messages.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Message:
    """One sentence of a package's ``messages.toml``, with the values that fill it.

    A value may itself be a pair of wordings, ``{"en": …, "zh": …}``; the sentence takes the one of its
    own language.
    """

    package: str
    code: str
    values: dict[str, object]

    def text(self, language: Language = "en") -> str:
        """The sentence in ``language``."""
        values = {
            name: value[language] if isinstance(value, dict) else value for name, value in self.values.items()
        }
        return _wordings(self.package)[self.code][language].format(**values)

    def __str__(self) -> str:
        return self.text("en")


def message(code: str, /, **values: object) -> Message:
    """A sentence of the scraper."""
    return Message("scraper", code, values)


class ScraperError(Exception):
    """What the scraper could not do; its message names the file, the place and the cure."""

    def __init__(self, said: Message) -> None:
        super().__init__(said.text("en"))
        self.said = said

    def __reduce__(self) -> tuple[type[ScraperError], tuple[Message]]:
        """Another process raises it with its message."""
        return type(self), (self.said,)
