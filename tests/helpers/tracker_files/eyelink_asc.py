"""EyeLink ASC files from known pupils, line by line as edf2asc writes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

NAMES = {"left": "LEFT", "right": "RIGHT"}


@dataclass
class Block:
    """What one block of an ASC file holds.

    Arguments:
        start: time of the first sample in ms.
        pupil: `f64[S, E]`, zero in blinks.
        eyes: of the E columns.
        rate: in Hz.
        blinks: (eye, first, last) by index of the sample; each lies in a saccade that has `around` samples more on both sides.
        messages: (index of the sample before which it stands, text), with the sample's time.
        before, behind: texts of messages before START, and behind END.
    """

    start: float
    pupil: np.ndarray
    eyes: Sequence[str] = ("left",)
    rate: float = 1000
    blinks: Sequence[tuple[str, int, int]] = ()
    around: int = 4
    messages: Sequence[tuple[int, str]] = ()
    before: Sequence[str] = ()
    behind: Sequence[str] = ()
    close: bool = True
    open_blinks: bool = False
    """Whether blinks and their saccades that reach the last sample have no end line."""

    @property
    def times(self) -> np.ndarray:
        return self.start + np.arange(len(self.pupil)) * 1000 / self.rate

    def saccade(self, first: int, last: int) -> tuple[int, int]:
        return max(first - self.around, 0), min(last + self.around, len(self.pupil) - 1)


@dataclass
class Layout:
    """How the file is written."""

    pupil: str = "AREA"
    extra: Sequence[str] = ()  # of VEL, RES, INPUT, HTARGET
    flags: bool = True
    print_half: bool = True  # False: whole milliseconds at 2000 Hz, each printed twice
    spaces: bool = False  # spaces instead of tabs between fields
    header: Sequence[str] = field(
        default_factory=lambda: (
            "** CONVERTED FROM made_up.edf using edfapi 4.2.1 Linux on Tue Aug 19 14:43:00 2025",
            "** DATE: Wed Jul  5 13:13:12 2023",
            "** TYPE: EDF_FILE BINARY EVENT SAMPLE TAGGED",
            "**",
            "",
            "MSG\t100 !CAL",
            ">>>>>>> CALIBRATION (HV9,P-CR) FOR LEFT: <<<<<<<<<",
            "MSG\t100 !CAL eye check box: (L,R,T,B)",
            "\t  -78     4   -72   -25",
            "   5.4838e-05  125.05 -4.1212",
        )
    )


def text(blocks: Sequence[Block], layout: Layout | None = None) -> str:
    """The whole file, with newlines as `\\n`."""
    layout = Layout() if layout is None else layout
    lines = list(layout.header)
    for block in blocks:
        lines += _block(block, layout)
    return "\n".join(lines) + "\n"


def write(path: Path, blocks: Sequence[Block], layout: Layout | None = None) -> Path:
    """Write the file."""
    path.write_text(text(blocks, layout), encoding="latin-1", newline="")
    return path


def _block(block: Block, layout: Layout) -> list[str]:
    eyes = "\t".join(NAMES[eye] for eye in block.eyes)
    at, end = _stamp(block.start, block, layout), _stamp(float(block.times[-1]), block, layout)
    words = "".join(f"\t{word}" for word in layout.extra)
    lines = [f"MSG\t{at} {said}" for said in block.before]
    lines += [f"START\t{at} \t{eyes}\tSAMPLES\tEVENTS", "PRESCALER\t1", "VPRESCALER\t1", f"PUPIL\t{layout.pupil}"]
    lines += [
        f"{kind}\tGAZE\t{eyes}\tRATE\t{block.rate:7.2f}\tTRACKING\tCR\tFILTER\t2" for kind in ("EVENTS", "SAMPLES")
    ]
    lines[-1] += words
    lines += [f"INPUT\t{at}\t0"]
    lines += _body(block, layout)
    if block.close:
        lines.append(f"END\t{end} \tSAMPLES\tEVENTS\tRES\t  35.19\t  35.15")
    return lines + [f"MSG\t{end} {said}" for said in block.behind]


def _body(block: Block, layout: Layout) -> list[str]:
    opening: dict[int, list[str]] = {}
    for index, said in block.messages:
        opening.setdefault(index, []).append(f"MSG\t{_stamp(block.times[index], block, layout)} {said}")
    closing: dict[int, list[str]] = {}
    for eye, first, last in block.blinks:
        a, z = block.saccade(first, last)
        letter, stamps = eye[0].upper(), [_stamp(block.times[i], block, layout) for i in (a, first, last, z)]
        opening.setdefault(a, []).append(f"SSACC {letter}  {stamps[0]}")
        opening.setdefault(first, []).append(f"SBLINK {letter} {stamps[1]}")
        if not (block.open_blinks and last == len(block.pupil) - 1):
            closing.setdefault(last, []).append(f"EBLINK {letter} {stamps[1]}\t{stamps[2]}\t{last - first + 1}")
            path = "\t  962.6\t  546.7\t  954.9\t  535.6\t   0.31\t     42"
            closing.setdefault(z, []).append(f"ESACC {letter}  {stamps[0]}\t{stamps[3]}\t{z - a + 1}{path}")
    lines = []
    for i, sizes in enumerate(block.pupil):
        lines += opening.get(i, [])
        lines.append(_sample(block, layout, i, sizes))
        lines += closing.get(i, [])
    return lines


def _sample(block: Block, layout: Layout, i: int, sizes: np.ndarray) -> str:
    fields = [_stamp(block.times[i], block, layout)]
    for size in sizes:
        gaze = ("   .", "   .") if size == 0 else (f"{500 + i % 7:7.1f}", f"{400 - i % 5:7.1f}")
        fields += [*gaze, f"{size:7.1f}"]
    if "VEL" in layout.extra:
        fields += ["   3.1", "   2.5"] * len(sizes)
    if "RES" in layout.extra:
        fields += ["  35.20", "  35.10"]
    if "INPUT" in layout.extra:
        fields.append("  127.0")
    if "HTARGET" in layout.extra:
        fields += [" 4712.0", " 3041.0", "  612.8", "............."]
    if layout.flags:
        fields.append("..." if len(sizes) == 1 else ".....")
    return (" " if layout.spaces else "\t").join(fields)


def _stamp(time: float, block: Block, layout: Layout) -> str:
    if block.rate == 2000 and layout.print_half:
        return f"{time:.1f}"
    return f"{int(np.floor(time))}"
