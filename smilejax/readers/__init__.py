"""Files and DataFrames with pupil recordings as `Trials`: one module per layout or tracker, listed in the table `READERS`."""

from smilejax.readers.all_readers import READERS, Reader
from smilejax.readers.read import read
from smilejax.readers.write_bids import write_bids
from smilejax.readers.write_tables import check_format, write_table, write_tidy

__all__ = ["READERS", "Reader", "check_format", "read", "write_bids", "write_table", "write_tidy"]
