"""What is said of a study, in the words of its kind of recording. Sentences are written of pupils; here is what they become."""

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar, cast

from smilejax.recordings.kinds import FACE, PUPIL, Kind

T = TypeVar("T")

WORDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    PUPIL.name: (),
    FACE.name: (
        ("pupil responses", "smiles"),
        ("the pupil's response", "the smile"),
        ("pupil's response", "smile"),
        ("if pupils carried", "if smiles carried"),
        ("mean pupil dilation", "mean course of the measures"),
        ("mean dilation", "mean course"),
        ("pupil dilation", "course of the measures"),
        ("the pupil is larger for", "the measures are larger for"),
        ("dilation", "course"),
        ("real pupils", "real smiles"),
        ("the pupil", "the face"),
        ("pupils", "faces"),
        ("pupil", "face"),
        ("participants", "smilers"),
        ("participant", "smiler"),
        ("trials", "videos"),
        ("trial", "video"),
        ("the samples", "the frames"),
        ("samples valid", "frames valid"),
        ("valid samples", "valid frames"),
    ),
}
"""By the name of the kind: phrases of sentences about pupils, longer ones first, and what stands for them. The first letter
keeps its case."""
RECORDING_KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (PUPIL, FACE)}


class Wording:
    """Rewords texts for a kind of recording; names that came from the data, and options (`--trial`), stay as they are.

    Arguments:
        kind: name of the kind.
        names: from the data: participants, classes, files, columns. Where one holds a word that would be replaced, it is left
            alone; one that is such a word is so in quotation marks.

    Example:
        >>> Wording("face", ["trial 1"])("The pupil's response: trial 1 is one of 8 trials of 2 participants.")
        'The smile: trial 1 is one of 8 videos of 2 smilers.'
        >>> Wording("pupil")("8 trials")
        '8 trials'
    """

    def __init__(self, kind: str, names: Iterable[str] = ()) -> None:
        self._table = dict(WORDS[kind])
        phrases = "|".join(map(re.escape, self._table))
        self._phrase = re.compile(rf"(?<!--)\b(?:{phrases})\b", re.IGNORECASE) if phrases else None
        kept = [] if self._phrase is None else {name for name in names if self._phrase.search(name)}
        # A name that is such a word itself, as a column called trial, is one only where it stands in quotation marks.
        held = "|".join(
            f"(?<=')(?:{re.escape(name)})(?=')" if name.strip().casefold() in self._table else re.escape(name)
            for name in sorted(kept, key=len, reverse=True)
        )
        self._held = re.compile(f"({held})") if held else None

    def __call__(self, text: str) -> str:
        """The text, reworded."""
        if self._phrase is None:
            return text
        parts = [text] if self._held is None else self._held.split(text)
        return "".join(part if at % 2 else self._phrase.sub(self._replaced, part) for at, part in enumerate(parts))

    def _replaced(self, found: re.Match[str]) -> str:
        word = self._table[found[0].lower()]
        return word[0].upper() + word[1:] if found[0][0].isupper() else word

    def everywhere(self, value: T) -> T:
        """A dataclass, tuple, list or mapping with every text in it reworded; texts that are JSON, inside. A dataclass whose
        `as_written` is true stays as it is."""
        return cast(T, self._everywhere(value))

    def _everywhere(self, value: object) -> object:
        if self._phrase is None:
            return value
        if isinstance(value, str):
            return json.dumps(self._everywhere(json.loads(value))) if value.startswith('{"') else self(value)
        if isinstance(value, tuple | list):
            return type(value)(map(self._everywhere, value))
        if isinstance(value, dict):
            return {key: one if key == "bdata" else self._everywhere(one) for key, one in value.items()}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            if getattr(value, "as_written", False):
                return value
            fields = {field.name: self._everywhere(getattr(value, field.name)) for field in dataclasses.fields(value)}
            kept = {"id", "color"}
            return dataclasses.replace(value, **{name: one for name, one in fields.items() if name not in kept})
        return value
