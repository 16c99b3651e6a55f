"""`export_onnx`: a trained model as an ONNX file, with all that is to be known of its input."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from smilejax import __version__
from smilejax._util.errors import DataError, OutputError
from smilejax._util.files import claim
from smilejax._util.json_files import write_bytes
from smilejax.exports.network_facts import NetworkFacts, network_description, network_facts
from smilejax.exports.onnx_graph import IR_VERSION, OPSET, onnx_graph
from smilejax.prediction.predictor import Predictor
from smilejax.settings.checks import require_kind
from smilejax.settings.training_settings import RECURRENT

if TYPE_CHECKING:
    import onnx


def export_onnx(model: Predictor, path: Path | str, *, overwrite: bool = False) -> Path:
    """Write a trained model as ONNX: from the cleaned signal to the probabilities, every network of an ensemble included.

    The cleaning is not in the file: `x` and `valid` are what `smilejax.prepare` gives by the recipe, which stands in the
    file's metadata (`smilejax`, JSON) with channels, units, rate, classes and versions. Velocities, standardisation, the
    recurrent layer as a native node, means over time, dense layers, temperature and the mean over networks are in the file. It
    needs the package `onnx` (`pip install "smilejax[onnx]"`) to be written, and nothing of smilejax to be run.

    Arguments:
        model: from `train_model`, `load_model` or `Predictor.of`. path: of the file, .onnx. overwrite: whether a file there is
            replaced.

    Returns:
        The absolute path.

    Raises:
        DataError: the model is, or contains, a classifier that is no network of smilejax's own.
        OutputError: `onnx` is not installed, the file is not called .onnx, or the place cannot be written.

    Example:
        >>> import smilejax
        >>> smilejax.export_onnx(smilejax.load_model("model"), "model.onnx")    # doctest: +SKIP
    """
    require_kind(model, "model", Predictor, "smilejax.load_model gives one.")
    if Path(path).suffix.lower() != ".onnx":
        raise OutputError(f"{path}: an ONNX model is called .onnx.", hint="Name such a file.")
    file = claim(Path(path), overwrite=overwrite, what="file")
    write_bytes(file, onnx_model(network_facts(model, "ONNX")).SerializeToString())
    return file


def onnx_model(facts: NetworkFacts) -> "onnx.ModelProto":
    """The model as ONNX, checked.

    Raises:
        DataError: the network is one that somebody registered. OutputError: `onnx` is not installed.
    """
    model = facts.predictor.settings.model
    if model.network != RECURRENT:
        raise DataError(
            f"only the network {RECURRENT!r} is exported as ONNX; this model's is {model.network!r}, whose layers smilejax "
            "does not know.",
            hint="Export it as `jax`, which takes any network.",
        )
    try:
        import onnx
        from onnx import checker, helper
    except ImportError as error:
        raise OutputError(
            "ONNX models are written by the package onnx, which is not installed.",
            hint='Install it: pip install "smilejax[onnx]".',
        ) from error
    made: onnx.ModelProto = helper.make_model(
        onnx_graph(facts),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="smilejax",
        producer_version=__version__,
    )
    about = network_description(facts)
    single = {name: value for name, value in about.items() if isinstance(value, str | int | float)}
    lists = {"class_names": ",".join(facts.predictor.class_names), "channels": ",".join(facts.channels)}
    whole = {"smilejax": json.dumps(about, allow_nan=False)}
    helper.set_model_props(made, {**{name: str(value) for name, value in single.items()}, **lists, **whole})
    checker.check_model(made, full_check=True)
    return made
