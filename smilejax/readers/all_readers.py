"""The table of all readers."""

from smilejax.readers.bids import bids
from smilejax.readers.reader import Reader
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

PupilReader = Reader[Samples]
READERS: tuple[PupilReader, ...] = tuple(
    map(
        Reader.of,
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
