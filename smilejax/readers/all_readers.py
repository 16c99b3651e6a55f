"""The table of all readers."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import cast

from smilejax.readers.bids import bids
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.readers.tables import four_tables, observer_columns, tidy_table, trial_columns, wide_table
from smilejax.readers.trackers import (
    eprime_gazedata,
    eye_tribe,
    eyelink_asc,
    eyelink_data_viewer,
    gazepoint,
    neon_cloud,
    neon_native,
    psychopy_iohub,
    pupil_core,
    smi_begaze,
    tobii_pro_lab,
    tobii_sdk,
    tobii_studio,
)
from smilejax.settings import ReadSettings


@dataclass(frozen=True)
class Reader:
    """One layout of recordings, or the format of one tracker.

    Arguments:
        name: of the layout, as the setting `layout` gives it.
        words: what the layout is, for messages.
        software: which programs write it.
        limits: what of it is not read.
        uses: the settings of reading that it uses, besides those that are used for all layouts; others are refused.
        recognises: whether a file, folder or DataFrame has this layout.
        read: reads it.
    """

    name: str
    words: str
    software: str
    limits: str
    uses: frozenset[str]
    recognises: Callable[[Given, ReadSettings], bool]
    read: Callable[[Given, ReadSettings], Samples]


def _reader(module: ModuleType) -> Reader:
    names = ("NAME", "WORDS", "SOFTWARE", "LIMITS", "USES", "recognises", "read")
    name, words, software, limits, uses, recognises, read = (getattr(module, n) for n in names)
    return Reader(cast(str, name), words, software, limits, uses, recognises, read)


READERS: tuple[Reader, ...] = tuple(
    map(
        _reader,
        (
            *(bids, eyelink_asc, eyelink_data_viewer),
            *(tobii_pro_lab, tobii_studio, tobii_sdk, eprime_gazedata, psychopy_iohub),
            *(pupil_core, neon_cloud, neon_native, gazepoint, eye_tribe, smi_begaze),
            *(four_tables, observer_columns, trial_columns, wide_table, tidy_table),
        ),
    )
)
"""All readers, in the order in which they are tried: the first that recognises what is given reads it.

A new one is a module with `NAME`, `WORDS`, `SOFTWARE`, `LIMITS`, `USES`, `recognises` and `read`, and its place in this
line; the contract suite over this table then tests it.
"""
