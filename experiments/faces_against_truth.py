"""How well faces in rendered videos are measured, against the truth that they were rendered from.

    smilejax simulate --faces --out videos
    smilejax track videos --out faces.csv
    python experiments/faces_against_truth.py videos faces.csv

Each video's course of the lip corners (mean of both) is compared with the true one in frames in which the face is
visible: their correlation, the slope of what is seen on what is true, and the time that the onset takes from 10 to 90% of
its way. That time is read off the measured course after a low-pass at 4 Hz, which is what a recipe for faces does, and off
the true one after the same. A blink pulls the measured lip corners: by how much they are higher in frames with closed eyes
and a mouth at rest than in other frames with a mouth at rest. Of the eyelids, it is by how much the opening falls when an eye
closes, as a proportion of its opening when it is open, relative to the truth; blinks and smiles together, in videos in which
the eyes close by a tenth at least.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.signal import butter, sosfiltfilt

SIDES = ("left", "right")
LOW_PASS_HZ = 4.0
RISE, BLINK = "rise time, measured / true", "lip corners' shift in a blink"
Course = npt.NDArray[np.float64]


def main() -> None:
    """Print a row of what was found for each quantity, over videos."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("videos", type=Path, help="folder that `smilejax simulate --faces` made")
    parser.add_argument("faces", type=Path, help="table that `smilejax track` made of it")
    given = parser.parse_args()
    truth, faces = pd.read_csv(given.videos / "truth.csv"), pd.read_csv(given.faces)
    rows = pd.DataFrame([one_video(faces[faces["video"] == name], own) for name, own in truth.groupby("video")])
    visible, hidden = rows["visible"].sum(), rows["hidden"].sum()
    print(f"{len(rows)} videos, {visible + hidden} frames, {hidden} of them with a hidden face")
    print(f"visible faces lost: {rows['lost'].sum()} ({rows['lost'].sum() / visible:.2%}); hidden ones found: "
          f"{rows['hidden_found'].sum()}")  # fmt: skip
    print(f"{'':38s} median   least    greatest")
    for name in ("lip corners, r", "lip corners, slope", RISE, BLINK, "eyelids, r", "eyelids, seen / true"):
        of = rows[name].dropna()
        print(f"{name:30s} n = {len(of):3d} {of.median():7.3f} {of.min():7.3f} {of.max():9.3f}")
    print(
        f"rise time within 10% of the truth: {(rows[RISE] - 1).abs().lt(0.1).sum()} of {rows[RISE].notna().sum()} videos"
    )


def one_video(faces: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """What is found of one video; NaN where it does not say."""
    hidden = truth["hidden"].to_numpy(bool)
    seen, true = (table[[f"lip_corner_{side}" for side in SIDES]].mean(axis=1).to_numpy() for table in (faces, truth))
    found = np.isfinite(faces["lip_corner_left"].to_numpy())
    use = found & ~hidden
    closing = [eyelids(faces, truth, side, use) for side in SIDES]
    rate_hz = 1000 / float(np.median(np.diff(truth["time_ms"])))
    return {
        "visible": int((~hidden).sum()),
        "hidden": int(hidden.sum()),
        "lost": int((~found & ~hidden).sum()),
        "hidden_found": int((found & hidden).sum()),
        "lip corners, r": float(np.corrcoef(seen[use], true[use])[0, 1]),
        "lip corners, slope": float(np.polyfit(true[use], seen[use], 1)[0]),
        RISE: rise_ms(seen, use, rate_hz) / rise_ms(true, use, rate_hz),
        BLINK: blink_shift(seen, true, truth, use),
        "eyelids, r": float(np.mean([r for r, _ in closing])),
        "eyelids, seen / true": float(np.mean([share for _, share in closing])),
    }


def blink_shift(seen: Course, true: Course, truth: pd.DataFrame, use: npt.NDArray[np.bool_]) -> float:
    """By how many eye distances the lip corners seem higher in a blink, while the mouth is at rest; NaN without one."""
    closed, rest = truth["eyelids_left"].to_numpy(), use & (true < 0.005)
    blinks, open_ = rest & (closed > 0.8), rest & (closed < 0.05)
    return float(np.median(seen[blinks]) - np.median(seen[open_])) if blinks.any() and open_.any() else float("nan")


def eyelids(faces: pd.DataFrame, truth: pd.DataFrame, side: str, use: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Correlation of an eye's opening with the true one, and by how much of its true closing it is seen to close."""
    opening, closed = faces[f"eyelids_{side}"].to_numpy()[use], truth[f"eyelids_{side}"].to_numpy()[use]
    if np.ptp(closed) < 0.1:
        return float("nan"), float("nan")
    slope, open_eye = np.polyfit(closed, opening, 1)
    return float(np.corrcoef(1 - closed, opening)[0, 1]), float(-slope / open_eye)


def rise_ms(course: Course, use: npt.NDArray[np.bool_], rate_hz: float) -> float:
    """From 10 to 90% of the way from the first 200 ms to the maximum, in ms; NaN where the course begins or ends in it."""
    frames = np.arange(len(course))
    whole = np.interp(frames, frames[use], course[use])
    smooth = sosfiltfilt(butter(2, LOW_PASS_HZ, fs=rate_hz, output="sos"), whole)
    start = smooth[: max(1, round(0.2 * rate_hz))].mean()
    apex = int(smooth.argmax())
    risen = (smooth - start) / (smooth[apex] - start)
    times = []
    for level in (0.1, 0.9):
        below = np.flatnonzero(risen[:apex] <= level)
        if not len(below):
            return float("nan")
        at = below[-1]
        times.append((at + (level - risen[at]) / (risen[at + 1] - risen[at])) * 1000 / rate_hz)
    return float(times[1] - times[0])


if __name__ == "__main__":
    main()
