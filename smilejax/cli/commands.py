"""The commands, in the order of help. Parser, dispatch and the list in help follow from this table."""

from typing import Any

from smilejax.cli import (
    app_command,
    check_command,
    clean_command,
    convert_command,
    demo_command,
    evaluate_command,
    export_command,
    multiverse_command,
    power_command,
    predict_command,
    report_command,
    simulate_command,
    stream_command,
    track_command,
    train_command,
    train_many_command,
)
from smilejax.cli.command import Command

COMMANDS: tuple[Command[Any], ...] = (  # each takes arguments of its own class
    demo_command.COMMAND,
    simulate_command.COMMAND,
    track_command.COMMAND,
    check_command.COMMAND,
    convert_command.COMMAND,
    clean_command.COMMAND,
    app_command.COMMAND,
    evaluate_command.COMMAND,
    report_command.COMMAND,
    train_command.COMMAND,
    predict_command.COMMAND,
    stream_command.COMMAND,
    export_command.COMMAND,
    train_many_command.COMMAND,
    power_command.COMMAND,
    multiverse_command.COMMAND,
)
