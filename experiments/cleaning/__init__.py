"""What `benchmark_cleaning.py` measures: one module per section."""
