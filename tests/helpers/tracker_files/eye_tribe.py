"""Recordings of the Eye Tribe, written from known pupils."""

import json
from collections.abc import Sequence
from pathlib import Path

from helpers.tracker_files.simulated_pupils import Simulated

_EYE = ("rawx", "rawy", "avgx", "avgy", "psize", "pupilx", "pupily")
HEADS = ("timestamp", "time", "fix", "state", *_EYE[:5], *(f"L{part}" for part in _EYE), *(f"R{part}" for part in _EYE))
FIRST_MS = 101_500
TRACKED, GONE = 7, 8


def milliseconds(pupils: Simulated) -> list[int]:
    """The clock of the file."""
    return [FIRST_MS + round(1000 * seconds) for seconds in pupils.seconds.tolist()]


def sizes(pupils: Simulated, sample: int) -> tuple[float, float]:
    """What the tracker writes, 0.0 in blinks."""
    left, right = pupils.pupil[sample].tolist()
    return (0.0, 0.0) if pupils.blink[sample] else (round(5 * left, 4), round(5 * right, 4))


def pytribe(
    path: Path, pupils: Simulated, *, messages: Sequence[tuple[int, str]] = (), state: dict[int, int] | None = None
) -> Path:
    """Write PyTribe's table. Messages are (index of the sample before which it stands, text); `state` overrides by sample."""
    lines = ["\t".join(HEADS)]
    for i, time in enumerate(milliseconds(pupils)):
        lines += [f"MSG\t2016-03-01 10:00:00.123\t{time - 3}\t{text}" for at, text in messages if at == i]
        left, right = sizes(pupils, i)
        code = (state or {}).get(i, GONE if pupils.blink[i] else TRACKED)
        start = f"2016-03-01 10:00:00.123\t{time}\tTrue\t{code}\t400\t300\t400\t300\t{(left + right) / 2}"
        lines.append(f"{start}\t400\t300\t400\t300\t{left}\t0.4\t0.5\t400\t300\t400\t300\t{right}\t0.6\t0.5")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def server_log(path: Path, pupils: Simulated) -> Path:
    """Write the server's frames as lines of JSON, and a heartbeat first."""
    lines = [json.dumps({"category": "heartbeat", "statuscode": 200})]
    for i, time in enumerate(milliseconds(pupils)):
        eyes = [
            {"raw": {"x": 4.0, "y": 3.0}, "avg": {"x": 4.0, "y": 3.0}, "psize": size, "pcenter": {"x": 0.4, "y": 0.5}}
            for size in sizes(pupils, i)
        ]
        frame = {
            "timestamp": "2016-03-01 10:00:00.123",
            "time": time,
            "fix": False,
            "state": GONE if pupils.blink[i] else TRACKED,
            "raw": {"x": 4.0, "y": 3.0},
            "avg": {"x": 4.0, "y": 3.0},
            "lefteye": eyes[0],
            "righteye": eyes[1],
        }
        lines.append(json.dumps({"category": "tracker", "statuscode": 200, "values": {"frame": frame}}))
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
