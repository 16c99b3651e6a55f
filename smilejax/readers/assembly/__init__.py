"""`Samples` of all formats to `Trials`: which rows are a trial, one unit of pupils, one grid of time."""
