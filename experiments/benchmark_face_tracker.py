"""How long the face tracker takes: to load, to compile, and for each frame.

    python experiments/benchmark_face_tracker.py                     480p, 200 frames
    taskset -c 0 python experiments/benchmark_face_tracker.py        on one core

Frames are the photograph of Grace Hopper that matplotlib ships, swaying, in 640 x 480. Decoding a video is not in
it. Times are the
processor's (all cores together), and the clock's beside them; on a machine with other work read the processor's. With
`--parts`, the parts of a frame are timed each as a program of its own.
"""

import argparse
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from matplotlib.cbook import get_sample_data
from PIL import Image

from smilejax.faces import face_landmarker, track_frames
from smilejax.faces.find_faces import find_faces
from smilejax.faces.measures import measures
from smilejax.faces.nets import blendshapes, detector, mesh
from smilejax.faces.square import Square, cut_square, in_buffer
from smilejax.faces.track import start_state


def swaying(count: int) -> npt.NDArray[np.uint8]:
    """`u8[count, 480, 640, 3]`."""
    with get_sample_data("grace_hopper.jpg") as file:
        photograph = np.asarray(Image.open(file).convert("RGB"))[60:540]
    wide = np.pad(photograph, ((0, 0), (64, 64), (0, 0)), mode="edge")
    return np.stack([np.roll(wide, round(20 * np.sin(at / 8)), axis=1) for at in range(count)])


def timed(words: str, work: Callable[[], object], times: int = 1) -> None:
    """Print how long some work takes, once done."""
    clock, processor = time.perf_counter(), time.process_time()
    for _ in range(times):
        jax.block_until_ready(work())
    processor, clock = time.process_time() - processor, time.perf_counter() - clock
    print(f"{words:44s} {processor / times * 1e3:9.1f} ms processor {clock / times * 1e3:9.1f} ms clock")


def parts(times: int) -> None:
    """Each part of a frame by itself."""
    tracker, frame = face_landmarker(), in_buffer(swaying(1)[0])
    square = Square(jnp.asarray([320.0, 200.0]), jnp.float32(300), jnp.float32(0.1))
    programs = {
        "crop of 256 x 256": lambda: _cut(frame, square, size=256, black_outside=False),
        "detector": lambda: _detect(tracker.detector, jnp.zeros((128, 128, 3))),
        "faces in the frame (crop, detector, merging)": lambda: _find(tracker.detector, frame),
        "mesh": lambda: _mesh(tracker.mesh, jnp.zeros((256, 256, 3))),
        "blendshapes": lambda: _shapes(tracker.blendshapes, jnp.zeros((146, 2)) + jnp.arange(146.0)[:, None]),
    }
    for words, work in programs.items():
        timed(f"{words}, first call", work)
        timed(f"{words}", work, times)


_cut = jax.jit(cut_square, static_argnames=("size", "black_outside"))
_detect = jax.jit(detector.detect)
_find = jax.jit(find_faces)
_mesh = jax.jit(mesh.find_landmarks)
_shapes = jax.jit(blendshapes.blendshapes)


def main() -> None:
    """Time the chain."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--parts", action="store_true")
    arguments = parser.parse_args()
    print(f"jax {jax.__version__} on {jax.devices()[0].device_kind}")
    frames = swaying(arguments.frames)
    timed("loading the weights", lambda: face_landmarker().mesh)
    timed("first frame (tracing, compiling)", lambda: track_frames(frames[:1], tracker=face_landmarker()))
    timed("first frame of a video", lambda: track_frames(frames[:1], tracker=face_landmarker()), 5)
    tracked, _ = track_frames(frames[:1], tracker=face_landmarker())
    state = start_state()

    def chain() -> object:
        nonlocal tracked
        tracked, _ = track_frames(frames, state, tracker=face_landmarker())
        return measures(tracked.landmarks, tracked.blendshapes)

    before = time.process_time(), time.perf_counter()
    chain()
    processor, clock = time.process_time() - before[0], time.perf_counter() - before[1]
    count = len(frames)
    print(
        f"{'each frame, to measures':44s} {processor / count * 1e3:9.1f} ms processor {clock / count * 1e3:9.1f} ms clock"
    )
    print(f"{count / processor:.0f} frames a second of one core; {tracked.found.sum()} of {count} found")
    if arguments.parts:
        parts(50)


if __name__ == "__main__":
    main()
