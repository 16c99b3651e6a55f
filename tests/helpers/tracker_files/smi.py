"""SMI's text exports, written from known pupils."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from helpers.tracker_files.simulated_pupils import Simulated

Columns = Mapping[str, Callable[[float, float], str]]
"""Headings, and what stands below them, of the left and right pupil of a row in mm (0 in blinks)."""

MAPPED: Columns = {
    "L Raw X [px]": lambda left, right: "310.20",
    "L Dia X [px]": lambda left, right: f"{9 * left:.2f}",
    "L Dia Y [px]": lambda left, right: f"{11 * left:.2f}",
    "L Mapped Diameter [mm]": lambda left, right: f"{left:.4f}",
    "R Raw X [px]": lambda left, right: "320.10",
    "R Dia X [px]": lambda left, right: f"{9 * right:.2f}",
    "R Dia Y [px]": lambda left, right: f"{11 * right:.2f}",
    "R Mapped Diameter [mm]": lambda left, right: f"{right:.4f}",
    "L POR X [px]": lambda left, right: "640.00",
}
"""What the IDF converter writes of a remote tracker."""


def text(
    path: Path,
    pupils: Simulated,
    columns: Columns = MAPPED,
    *,
    delimiter: str = "\t",
    messages: Sequence[tuple[int, str]] = (),
    trial: Callable[[int], int] = lambda sample: 1,
    events: bool = True,
    header: bool = True,
    comma: bool = False,
    written: int | None = None,
    missing: str = "",
) -> Path:
    """Write the samples with `##` lines above and ragged messages between.

    Arguments:
        messages: (index of the sample before which it stands, text).
        events: whether `L Event Info` and `R Event Info` close each row.
        comma: whether numbers have a decimal comma.
        written: number of samples that the header names; the right one by default.
        missing: what stands for a pupil in blinks; the number 0 where empty.
    """
    lines = ["## [iView]", "## Date:\t13.12.2019 13:30:00", "## Sample Rate:\t60", "## Subject:\tp7"]
    lines += [
        f"## Number of Samples:\t{len(pupils) if written is None else written}",
        "## Head Distance [mm]:\t700",
        "## ",
    ]
    heads = ["Time", "Type", "Trial", *columns, *(["L Event Info", "R Event Info"] if events else [])]
    body = [delimiter.join(heads)]
    for i, time in enumerate(microseconds(pupils).tolist()):
        body += [
            delimiter.join((str(time - 10), "MSG", str(trial(i)), f"# Message: {m}")) for at, m in messages if at == i
        ]
        pair = (0.0, 0.0) if pupils.blink[i] else (float(pupils.pupil[i, 0]), float(pupils.pupil[i, 1]))
        cells = [missing if missing and pupils.blink[i] else column(*pair) for column in columns.values()]
        kind = "Blink" if pupils.blink[i] else "Fixation"
        row = [str(time), "SMP", str(trial(i)), *cells, *([kind, kind] if events else [])]
        body.append(delimiter.join(cell.replace(".", ",") if comma and cell != "." else cell for cell in row))
    path.write_text("\r\n".join([*(lines if header else []), *body]) + "\r\n", "utf-8")
    return path


def microseconds(pupils: Simulated) -> npt.NDArray[np.int64]:
    """The clock of the file."""
    return 188886778 + np.round(pupils.seconds * 1e6).astype(np.int64)


def raw_data_export(path: Path, pupils: Simulated) -> Path:
    """Write BeGaze's raw data export: no `##` lines, `-` where nothing was measured, information between the samples."""
    lines = [
        "RecordingTime [ms],Trial,Stimulus,Participant,Color,Category Group,Category Right,Category Left,"
        "Pupil Size Right X [px],Pupil Size Right Y [px],Pupil Diameter Right [mm],"
        "Pupil Size Left X [px],Pupil Size Left Y [px],Pupil Diameter Left [mm],Annotation Name,Content"
    ]
    for i in range(len(pupils)):
        time, name = f"{1000 * pupils.seconds[i] + 5000:.3f}", "Trial001,H1.avi,p7,Coral"
        if i == 20:
            lines.append(f"{time},{name},Information,User Event,-,-,-,-,-,-,-,-,ONSET_H1")
        left, right = (f"{v:.4f}" for v in pupils.pupil[i].tolist())
        if pupils.blink[i]:
            lines.append(f"{time},{name},Eye,Blink,Blink,-,-,-,-,-,-,-,-")
        else:
            lines.append(f"{time},{name},Eye,Visual Intake,Visual Intake,21,22,{right},21,22,{left},-,-")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
