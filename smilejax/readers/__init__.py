"""Files and DataFrames with pupil recordings as `Trials`: one module per layout or tracker, listed in the table `READERS`."""

from smilejax.readers.all_readers import READERS
from smilejax.readers.bids.write_bids import write_bids
from smilejax.readers.mapping import load_mapping, save_mapping
from smilejax.readers.read_recordings import read
from smilejax.readers.reader import Reader
from smilejax.readers.tables.stimulus_rows import read_stimulus_table
from smilejax.readers.write_tables import check_format, write_table, write_tidy

__all__ = [
    "READERS",
    "Reader",
    "check_format",
    "load_mapping",
    "read",
    "read_stimulus_table",
    "save_mapping",
    "write_bids",
    "write_table",
    "write_tidy",
]
