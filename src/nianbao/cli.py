"""The command ``nianbao``."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from typing import Annotated, Any

import typer

from nianbao.failures import EXPECTED, explain
from nianbao.options import Lang
from nianbao.wording import in_language, language_of, sentence, speak

INTERRUPTED = 130

# Where in nianbao.commands each command stands, in the order of the help. Only the one that is called is
# imported: to load all of them takes longer than most questions take to answer.
_COMMANDS = {
    "demo": "demo.demo",
    "portals": "portals.app",
    "crawl": "crawl.crawl",
    "import": "import_.import_",
    "parse": "collect.parse",
    "inspect": "inspect.inspect",
    "check": "check.app",
    "reuse": "reuse.app",
    "changes": "changes.changes",
    "compare": "series.compare",
    "trend": "series.trend",
    "rank": "series.rank",
    "coverage": "coverage.coverage",
    "brief": "brief.brief",
    "source": "source.source",
    "metrics": "series.metrics",
    "rules": "rules.rules",
    "export": "export.export",
    "sql": "sql.sql",
    "serve": "serve.serve",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command and ends the process with its exit code.

    0: done. 1: the work failed, wholly or in part. 2: wrong usage. Records go to standard output; all
    else, errors included, to standard error.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    speak(language_of(given))
    sys.exit(_run(given))


def _run(arguments: list[str]) -> int:
    try:
        code = command_of(arguments)(arguments, prog_name="nianbao", standalone_mode=False)
    except EXPECTED as error:
        text, code = explain(error)
        sys.stderr.write(_complaint(text))
    except typer.TyperException as error:
        sys.stderr.write(_usage_error(error))
        code = error.exit_code
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; that is no failure of ours.
        sys.stdout = None
        code = 0
    except KeyboardInterrupt:
        code = INTERRUPTED
    except RuntimeError as error:
        # What DuckDB makes of Ctrl-C while it works.
        if str(error) != "Query interrupted":
            raise
        code = INTERRUPTED
    if code == INTERRUPTED:
        sys.stderr.write(_complaint(sentence("interrupted")))
    return int(code or 0)


def _complaint(text: str) -> str:
    return f"{sentence('error')}{text}\n"


def _usage_error(error: typer.TyperException) -> str:
    """What is wrong with the command line, or the help where nothing was asked.

    Typer words its errors in English only.
    """
    if type(error).__name__ == "NoArgsIsHelpError":
        return f"{error.format_message()}\n"
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "nianbao"
    parameter = getattr(error, "param", None)
    if type(error).__name__ == "MissingParameter" and parameter is not None:
        what = sentence("usage_missing", name=parameter.metavar or parameter.name)
    elif type(error).__name__ == "NoSuchOption":
        what = sentence("usage_no_option", name=getattr(error, "option_name", ""))
    else:
        what = sentence("usage_other", reason=error.format_message())
    return _complaint(f"{what} {sentence('usage_help', command=path)}")


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"nianbao {version('nianbao')}\n")
        raise typer.Exit


def _top(
    lang: Lang = None,
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_version)] = False,
) -> None:
    pass


def command_of(arguments: Sequence[str]) -> Any:
    """The command with all its sub-commands, of which the one that the ``arguments`` call can be run."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.callback(no_args_is_help=True)(_top)
    called = next((argument for argument in arguments if argument in _COMMANDS), None)
    for name, place in _COMMANDS.items():
        found = _imported(place) if name == called else _not_called
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return _in_words(typer.main.get_command(app))


def _imported(place: str) -> Any:
    module, name = place.split(".")
    return getattr(import_module(f"nianbao.commands.{module}"), name)


def _not_called() -> None:
    """Stands in the help for a command that this run does not call."""


def _in_words(group: Any) -> Any:
    """``group`` with the help of ``help.toml`` in the language of this run."""
    table = tomllib.loads((files(__package__) / "help.toml").read_text(encoding="utf-8"))
    _describe(group, table["nianbao"], table["command"], table)
    return group


def _describe(command: Any, wording: Any, below: Any, table: Any) -> None:
    """Gives a command its help, and the commands of a group theirs, which stand in ``below``."""
    command.help = in_language(wording)
    help_option = command.get_help_option(typer.Context(command))
    for parameter in [*command.params, help_option]:
        parameter.help = in_language(table[parameter.param_type_name][parameter.name])
    for name, one in getattr(command, "commands", {}).items():
        _describe(one, below[name], below[name], table)
