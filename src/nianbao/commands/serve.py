"""``serve``: the explorer in a browser."""

from __future__ import annotations

import logging
import socket
import sys
from typing import Annotated

import typer

from nianbao.console import note, say
from nianbao.failures import Failure
from nianbao.options import DEFAULT_DATA, Data, Lang
from nianbao.plotting import Boundaries
from nianbao.workspace import Workspace

_WAITING = 2048
_SWITCH = 0.0005


def serve(
    host: Annotated[str, typer.Option("--host", metavar="HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="PORT", min=0, max=65535)] = 8000,
    names: Annotated[list[str] | None, typer.Option("--name", metavar="NAME")] = None,
    token: Annotated[str | None, typer.Option("--token", envvar="NIANBAO_TOKEN", metavar="TOKEN")] = None,
    boundaries: Boundaries = None,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
) -> None:
    """Serves the workspace to browsers until it is interrupted."""
    try:
        import uvicorn

        from nianbao.explorer.app import explorer
        from nianbao.explorer.settings import LOOPBACK, Settings, is_loopback
    except ImportError as error:
        raise Failure("serve_extra_missing") from error
    local = is_loopback(host)
    # A page of another site that calls itself by our address must not be answered: on loopback only we are.
    called = [*LOOPBACK, host, *(names or [])] if local or names else ["*"]
    workspace = Workspace(data)
    shared = workspace.storage is not None
    settings = Settings(called, local, token or None, boundaries, shared)
    app = explorer(workspace, settings)
    with _listening(host, port) as listening:
        if shared:
            note("serve_shared")
        elif not settings.reviews:
            note("serve_without_token")
        say("serve_at", url=_address(host, listening.getsockname()[1]))
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        # What is remembered is not to wait long for a thread that works something out.
        sys.setswitchinterval(_SWITCH)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, lifespan="on"
        )
        uvicorn.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises :class:`Failure`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends what it has without delay only where the protocol is named.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host.strip("[]"), port))
        listening.listen(_WAITING)
    except OSError as error:
        listening.close()
        reason = error.strerror or str(error)
        raise Failure("serve_port_taken", host=host, port=port, reason=reason) from error
    return listening


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - what is shown, not bound
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
