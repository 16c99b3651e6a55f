"""The server of the app: on the loopback address only, behind its token."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from nicegui import ui

from smilejax._util.errors import OutputError, ReadError
from smilejax.app.access import HOST, REPORT_POLICY, Access, Application, Gate, new_token
from smilejax.app.pages import shell
from smilejax.app.session import Session
from smilejax.evaluation.study import study_files

FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="14" fill="#0b6a9f"/>'
    '<circle cx="16" cy="16" r="6" fill="#fff"/></svg>'
)
"""A pupil."""
LOST_S = 30.0
"""A page whose connection broke, as in sleep, finds its state again within this time."""


def bound(port: int | None) -> socket.socket:
    """A socket on the loopback address; at any free port where none is given.

    Raises:
        OutputError: something else listens there.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.bind((HOST, port or 0))
    except OSError as error:
        made.close()
        raise OutputError(
            f"port {port} cannot be used: {error.strerror or error}.",
            hint="Name another, or none: a free one is found.",
        ) from error
    return made


def serve(session: Session, listening: socket.socket, announce: Callable[[str], None]) -> None:
    """Serve until the process ends.

    Arguments:
        session: what is open. listening: from `bound`. announce: called with the address once it answers.
    """
    access = Access(listening.getsockname()[1], new_token())
    config = uvicorn.Config(
        application(session, access),
        log_level="error",
        ws="wsproto",
        server_header=False,
        date_header=False,
        access_log=False,
    )
    server = uvicorn.Server(config)

    async def run() -> None:
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started and not task.done():
            await asyncio.sleep(0.02)
        announce(access.address)
        await task

    asyncio.run(run())


def application(session: Session, access: Access) -> Application:
    """The whole app, behind its gate."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/report")
    def report(request: Request) -> Response:
        return report_of(session, request.query_params.get("study", ""))

    @ui.page("/", title="smilejax", dark=None, reconnect_timeout=LOST_S)
    def page() -> None:
        shell.build(session)

    ui.run_with(
        app,
        title="smilejax",
        dark=None,
        tailwind=False,
        show_welcome_message=False,
        favicon=FAVICON,
        binding_refresh_interval=None,  # nothing here is bound: what changes is set
    )
    return Gate(app, access)  # type: ignore[arg-type]  # starlette's types of the same protocol


def report_of(session: Session, study: str) -> Response:
    """The report of a study below the root. It may run its own scripts, and reach nothing else."""
    try:
        path = session.reach.to_read(Path(study) / study_files.REPORT)
        if not (path.parent / study_files.RECORD).is_file():
            raise ReadError("there is no study.")
        content = path.read_bytes()
    except (ReadError, OSError):
        return Response("404: there is no report of a study there.", status_code=404, media_type="text/plain")
    headers = {"content-security-policy": REPORT_POLICY, "cache-control": "no-store"}
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)
