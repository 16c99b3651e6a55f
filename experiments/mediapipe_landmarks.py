"""Landmarks by MediaPipe's own program of frames that were decoded before; `compare_with_mediapipe.py` starts it.

Runs in an environment of its own, which has MediaPipe and NumPy and not smilejax:

    python mediapipe_landmarks.py face_landmarker.task FOLDER

For each FOLDER/*.frames.npz (`frames` u8[F, H, W, 3], `time_ms` f64[F]) it writes FOLDER/*.landmarks.npz with `image` and
`video`, f32[F, 478, 2] in pixels, NaN where no face was found: each frame on its own, and frames in their order.
"""

import sys
from pathlib import Path

import mediapipe as mp
import numpy as np
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import vision

LANDMARKS = 478


def main() -> None:
    """Go through all files."""
    task, folder = sys.argv[1:]
    for path in sorted(Path(folder).glob("*.frames.npz")):
        with np.load(path) as given:
            frames, time_ms = given["frames"], given["time_ms"]
        found = {mode: landmarks_of(task, mode, frames, time_ms) for mode in ("image", "video")}
        np.savez(path.with_name(path.name.replace(".frames.", ".landmarks.")), **found)


def landmarks_of(task: str, mode: str, frames: np.ndarray, time_ms: np.ndarray) -> np.ndarray:
    """`f32[F, 478, 2]`, in pixels; NaN where no face was found."""
    options = vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=task),
        running_mode=vision.RunningMode.IMAGE if mode == "image" else vision.RunningMode.VIDEO,
        num_faces=1,
    )
    height, width = frames.shape[1:3]
    found = np.full((len(frames), LANDMARKS, 2), np.nan, np.float32)
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        for at, frame in enumerate(frames):
            picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(frame))
            if mode == "image":
                faces = landmarker.detect(picture).face_landmarks
            else:
                faces = landmarker.detect_for_video(picture, round(float(time_ms[at]))).face_landmarks
            if faces:
                found[at] = [(point.x * width, point.y * height) for point in faces[0]]
    return found


if __name__ == "__main__":
    main()
