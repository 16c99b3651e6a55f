"""Formats of eye trackers, one module for each; the table of all readers is `smilejax.readers.READERS`."""
