"""The language of this run, and the sentences of the command in it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import cast

from scraper.messages import Language, Message

_language: ContextVar[Language] = ContextVar("language", default="en")


def language() -> Language:
    """The language in which this run speaks."""
    return _language.get()


def speak(chosen: Language) -> None:
    """Sets the language of this run."""
    _language.set(chosen)


def language_of(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Language:
    """What ``--lang`` says, or else the locale: Chinese for every zh locale, English for all others."""
    given = ""
    for position, argument in enumerate(arguments):
        if argument == "--lang":
            given = next(iter(arguments[position + 1 :]), "")
        elif argument.startswith("--lang="):
            given = argument.removeprefix("--lang=")
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = given or next((environment[name] for name in names if environment.get(name)), "")
    return "zh" if chosen.lower().startswith("zh") else "en"


def sentence(code: str, /, **values: object) -> str:
    """A sentence of ``messages.toml`` in the language of this run."""
    return Message("nianbao", code, values).text(language())


def in_language(wordings: Mapping[str, object]) -> str:
    """The wording of a pair ``{"en": …, "zh": …}`` in the language of this run."""
    return cast("str", wordings[language()])
