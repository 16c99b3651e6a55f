"""`smilejax stream`: a trial classified while it is recorded, from a stream of Lab Streaming Layer or from a file."""

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from smilejax._util.errors import SETTING, DataError, DataWarning, SettingsError
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.cli.shared_arguments import MappingFile, reading
from smilejax.settings import ReadSettings

OF_FACES = "`smilejax predict` answers for whole videos."

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from smilejax.prediction.predictor import Predictor
    from smilejax.prediction.stream import PredictionStream, StreamedStep
    from smilejax.recordings.trials import Trials

    Piece = tuple[npt.NDArray[np.float32], npt.NDArray[np.float64] | None]


@dataclass(frozen=True)
class StreamArguments:
    """Print the probability of each class while a trial is recorded, or replayed from a file.

    The model must be one that waits for no later sample: `smilejax train --recipe causal --truncate-from 0.1`.
    """

    model: Annotated[Path, Arg(positional=True)]
    """Folder of a model that `smilejax train` saved."""
    file: Annotated[Path | None, Arg(positional=True, metavar="FILE")] = None
    """Recording of which a trial is replayed, for trying a model; not with a stream."""
    show_trial: Annotated[str | None, Arg(metavar="TRIAL")] = None
    """Trial of the file; by default its first."""
    show_participant: Annotated[str | None, Arg(metavar="PARTICIPANT")] = None
    """Whose trial, where several participants have one of that name."""
    lsl: Annotated[str | None, Arg(metavar="NAME")] = None
    """Stream of Lab Streaming Layer by its name. Its first sample is the trial's first."""
    lsl_channels: Annotated[tuple[int, ...], Arg(metavar="N ...")] = (0, 1)
    """Channels of the stream with the left and the right pupil, counted from 0; one channel stands for both."""
    wait_s: float = 10.0
    """Seconds to wait for the stream, and for its next sample."""
    real_time: bool = False
    """Replay a file as fast as it was recorded, not at once."""
    mapping: MappingFile = None
    """Mapping file, as `smilejax check --save-mapping` writes one: how to read the file."""
    read: Annotated[ReadSettings, reading()] = field(default_factory=ReadSettings)


def run(arguments: StreamArguments) -> None:
    """Stream one trial, and print what is said at each step."""
    from smilejax.cli import terminal
    from smilejax.prediction.predictor import load_model

    if (arguments.file is None) == (arguments.lsl is None):
        raise SettingsError(f"give either {SETTING.file} or {SETTING.lsl}.")
    with terminal.working("loading the model"):
        model = load_model(arguments.model)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DataWarning)
        if arguments.lsl is not None:
            stream, source = _from_lsl(arguments, arguments.lsl, model)
        else:
            stream, source = _from_file(arguments, model)
    for one in caught:
        terminal.warning(str(one.message))
    _print_known(model)
    _print_steps(stream, source, model)


def _from_file(arguments: StreamArguments, model: "Predictor") -> tuple["PredictionStream", "Iterator[Piece]"]:
    from smilejax.cli.by_kind import pupils_only
    from smilejax.cli.clean_command import find_trial
    from smilejax.cli.recordings_read import read_recordings

    assert arguments.file is not None
    read = read_recordings([arguments.file], arguments.read, "optional", arguments.mapping)
    trials = pupils_only(read, "stream", OF_FACES)
    model.notes(trials)  # that they fit
    if trials.start_ms != model.start_ms:
        raise DataError(
            f"the model's trials begin at {model.start_ms:g} ms relative to onset, these at {trials.start_ms:g} ms.",
            hint=f"Read them from {model.start_ms:g} ms on ({SETTING.window_ms}).",
        )
    row = 0
    if arguments.show_trial is not None:
        row = find_trial(trials, arguments.show_trial, arguments.show_participant)
    return model.stream(trials.rate_hz), _replayed(trials, row, real_time=arguments.real_time)


def _replayed(trials: "Trials", row: int, *, real_time: bool) -> "Iterator[Piece]":
    began = time.monotonic()
    for at in range(int(trials.length[row])):
        if real_time:
            time.sleep(max(0.0, began + at / trials.rate_hz - time.monotonic()))
        yield trials.pupil[row, at : at + 1], None


def _from_lsl(
    arguments: StreamArguments, name: str, model: "Predictor"
) -> tuple["PredictionStream", "Iterator[Piece]"]:
    from smilejax.prediction.lsl_inlet import LslInlet

    inlet = LslInlet(name, channels=arguments.lsl_channels, wait_s=arguments.wait_s)
    return model.stream(inlet.rate_hz), inlet.pieces()


def _print_known(model: "Predictor") -> None:
    """What is known of how good the model is before a trial is over."""
    from smilejax.cli import terminal

    scores = model.record.get("by_elapsed_time")
    if isinstance(scores, list) and scores:
        print_by_elapsed_time(scores)
    else:
        terminal.paragraph("How good this model is before a trial is over was not measured when it was trained.")


def print_by_elapsed_time(scores: Sequence[Mapping[str, float]]) -> None:
    """Scores of held-out trials by elapsed time, as a table."""
    from smilejax._util.number_text import percent
    from smilejax.cli import terminal

    numbers = ("trials", "balanced\naccuracy", "log loss", "calibration\nerror", "by chance\nup to")
    table = terminal.table("Held-out trials by elapsed time", "elapsed", *numbers, right=("elapsed", *numbers))
    for one in scores:
        table.add_row(
            f"{one['elapsed_ms'] / 1000:g} s",
            str(one["trials"]),
            percent(one["balanced_accuracy"]),
            f"{one['log_loss']:.3f}",
            percent(one["calibration_error"]),
            percent(one["calibration_high"]),
        )
    terminal.printed(table)


def _print_steps(stream: "PredictionStream", source: "Iterator[Piece]", model: "Predictor") -> None:
    from smilejax.cli import terminal

    for pupil, times in source:
        for step in stream.push(pupil, times):
            terminal.out.print(step_words(step, model.class_names), highlight=False)
        if stream.over:
            break
    if stream.latest is None:
        raise DataError("no sample arrived.")
    terminal.out.print()


def step_words(step: "StreamedStep", class_names: tuple[str, str]) -> str:
    """What is said at a step, in one line."""
    time_s = f"{step.time_ms / 1000:8.3f} s"
    if step.probability is None:
        return f"{time_s}  {step.status}"
    each = "  ".join(f"p({name}) {p:.3f}" for name, p in zip(class_names, step.probability, strict=True))
    doubt = "" if step.status == "kept" else f"  ({step.status})"
    return f"{time_s}  {each}{doubt}"


COMMAND = Command(
    "stream",
    StreamArguments,
    run,
    examples=(
        "smilejax stream my-model recording.csv --show-trial t003 --show-participant p01",
        "smilejax stream my-model --lsl Tobii --lsl-channels 0 1",
    ),
)
