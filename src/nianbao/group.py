"""A command with sub-commands that does one of them when none is named."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class ListsByDefault(TyperGroup):
    """What isn't the name of a sub-command is for ``list``: ``nianbao portals 同心`` lists."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts ``list`` in front of arguments that name no sub-command and don't ask for help."""
        first = next(iter(args), "")
        if first not in self.commands and first not in self.get_help_option_names(ctx):
            args = ["list", *args]
        return super().parse_args(ctx, args)
