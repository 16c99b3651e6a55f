"""`smilejax app`: recordings looked at and judged in a browser on this computer."""

import importlib.util
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from smilejax._util.errors import SETTING, SettingsError
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.cli.shared_arguments import Data, MappingFile, Reading
from smilejax.settings import ReadSettings

STOPPED = "the app has ended. Exclusions and mapping files that were written stay."


@dataclass(frozen=True)
class AppArguments:
    """Look at recordings in a browser: correct what was understood, go through the trials, evaluate.

    Starts a server that only this computer can reach, and prints its address with a token that is drawn anew each time. Ctrl-C
    ends it.
    """

    data: Data = ()
    """Files or folders with the recordings; without any, they are opened in the browser."""
    root: Annotated[Path, Arg(metavar="FOLDER")] = Path(".")
    """Folder whose files can be opened and written; beside it only what is named here."""
    port: int | None = None
    """Port, 1024 to 65535; by default a free one."""
    no_browser: bool = False
    """Print the address only, and open no browser."""
    mapping: MappingFile = None
    """Mapping file, as `smilejax check --save-mapping` writes one: how to read. Single options override it."""
    read: Reading = field(default_factory=ReadSettings)


def _whole(read: ReadSettings) -> ReadSettings:
    """Settings whose further tables are named by whole paths: the app's names are relative to its root."""

    def whole(name: str | None) -> str | None:
        return None if name is None else str(Path(name).absolute())

    join = tuple(str(Path(name).absolute()) for name in read.join)
    return replace(read, events=whole(read.events), exclude=whole(read.exclude), join=join)


def run(arguments: AppArguments) -> None:
    """Open what is named, and serve until Ctrl-C."""
    if importlib.util.find_spec("nicegui") is None:
        raise SettingsError(
            "the app needs NiceGUI, which is not installed.",
            hint='Install it: pip install "smilejax[app]". Every other command does without.',
        )
    if arguments.port is not None and not 1024 <= arguments.port <= 65535:
        raise SettingsError(setting="port", rule="from 1024 to 65535", value=arguments.port)
    import webbrowser

    from smilejax.app.reach import Reach
    from smilejax.app.session import Session
    from smilejax.cli import terminal
    from smilejax.cli.recordings_read import further_tables

    read = arguments.read
    files = [*arguments.data, *further_tables(read)]
    session = Session(Reach.of(arguments.root, tuple(files)))
    if arguments.data:
        with terminal.working("reading"):
            session.open([path.absolute() for path in arguments.data], _whole(read))
    elif read.exclude is not None:
        raise SettingsError(f"{SETTING.exclude} needs recordings, and none are named.")
    from smilejax.app import server  # and with it NiceGUI

    listening = server.bound(arguments.port)

    def announce(address: str) -> None:
        terminal.out.print(f"The app is open at {address}", soft_wrap=True)
        terminal.out.print(
            "Only this computer can reach it, and only with this address. Ctrl-C ends it.", soft_wrap=True
        )
        if not arguments.no_browser:
            webbrowser.open(address)

    server.serve(session, listening, announce)


COMMAND = Command(
    "app",
    AppArguments,
    run,
    examples=(
        "smilejax app",
        "smilejax app recording.csv --classes Easy Hard",
        "smilejax app recordings --root . --port 8765 --no-browser",
    ),
    stopped=lambda arguments: STOPPED,
)
