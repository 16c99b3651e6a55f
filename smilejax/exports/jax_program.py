"""`export_jax`: a trained model as a compiled program for other machines, by `jax.export`."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
from jax import export
from jaxtyping import Array, Bool, Float, Num

from smilejax._util.errors import OutputError
from smilejax._util.files import claim
from smilejax._util.json_files import json_bytes, sha256_of_bytes, write_bytes
from smilejax.exports.network_facts import NetworkFacts, network_description, network_facts
from smilejax.models.network import Network, RecurrentNetwork, network_of
from smilejax.prediction.predictor import Predictor
from smilejax.settings.checks import require_kind
from smilejax.settings.training_settings import RECURRENT

SUFFIX = ".jaxexport"
PROGRAM, ABOUT = "program", "about.json"
"""Files of the archive."""
PLATFORMS = ("cpu", "cuda", "tpu")
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""Of a zip archive's calendar: the same model then is the same file."""


def export_jax(model: Predictor, path: Path | str, *, overwrite: bool = False) -> Path:
    """Write a trained model as a program for any number of trials, on the CPU, CUDA and TPU; see docs/export.md for loading it.

    The file is a zip archive of `program`, which `jax.export.deserialize` reads, and `about.json`: channels, units, rate,
    classes, recipe, versions, and the SHA-256 of the program. The program takes `x` and `valid` as an ONNX export does, and
    gives `probability`. JAX promises to run it for six months of newer versions: keep the model itself as well. Writing and
    reading need the package `flatbuffers` (`pip install "smilejax[jax-export]"`).

    Arguments:
        model: from `train_model`, `load_model` or `Predictor.of`; of any network. path: of the file, .jaxexport.
        overwrite: whether a file there is replaced.

    Returns:
        The absolute path.

    Raises:
        DataError: the model is, or contains, a classifier that is no network.
        OutputError: `flatbuffers` is not installed, the file is not called .jaxexport, or the place cannot be written.

    Example:
        >>> import smilejax
        >>> smilejax.export_jax(smilejax.load_model("model"), "model.jaxexport")    # doctest: +SKIP
    """
    require_kind(model, "model", Predictor, "smilejax.load_model gives one.")
    if Path(path).suffix.lower() != SUFFIX:
        raise OutputError(f"{path}: a program of jax.export is called {SUFFIX}.", hint="Name such a file.")
    file = claim(Path(path), overwrite=overwrite, what="file")
    facts = network_facts(model, "jax.export", pictures=True)
    program = _serialized(facts)
    about = {**network_description(facts), "platforms": list(PLATFORMS), "sha256": sha256_of_bytes(program)}
    write_bytes(file, _archive({PROGRAM: program, ABOUT: json_bytes(json.loads(json.dumps(about)))}))
    return file


def probability_program(facts: NetworkFacts) -> Callable[[Array, Array], Array]:
    """The function that is exported: `x f32[N, T, C]` (of crops `u8[N, T, S, S, 3]`) and `valid bool[N, T]` to `f32[N, 2]`, the
    mean over networks."""
    settings, temperature = facts.predictor.settings.model, facts.predictor.temperature
    # The native kernel is of this machine; the scan that defines it runs everywhere.
    own = Network(RecurrentNetwork(settings), settings.velocity_steps)
    network = own if settings.network == RECURRENT else network_of(settings)

    members = jax.tree.map(jnp.asarray, facts.members)

    def of_one_trial(x: Num[Array, "T ..."], valid: Bool[Array, " T"]) -> Float[Array, " 2"]:
        logits = [network.apply(one, x[None], valid[None])[0] for one in members]
        mean = jnp.mean(jax.nn.softmax(jnp.stack(logits) / temperature), axis=0)
        return jnp.where(jnp.any(valid), mean, jnp.nan)

    return jax.vmap(of_one_trial)


def _serialized(facts: NetworkFacts) -> bytes:
    (trials,) = export.symbolic_shape("trials")
    side = facts.predictor.crop_side
    x = jax.ShapeDtypeStruct((trials, facts.steps, len(facts.channels)), jnp.float32)
    if side is not None:
        x = jax.ShapeDtypeStruct((trials, facts.steps, side, side, len(facts.channels)), jnp.uint8)
    valid = jax.ShapeDtypeStruct((trials, facts.steps), jnp.bool_)
    exported = export.export(jax.jit(probability_program(facts)), platforms=PLATFORMS)(x, valid)
    try:
        return bytes(exported.serialize())
    except ImportError as error:
        raise OutputError(
            "programs of jax.export are written by the package flatbuffers, which is not installed.",
            hint='Install it: pip install "smilejax[jax-export]".',
        ) from error


def _archive(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in files.items():
            archive.writestr(zipfile.ZipInfo(name, FIRST_DAY), part, zipfile.ZIP_DEFLATED)
    return content.getvalue()
