"""Formats of eye trackers, one module for each."""
