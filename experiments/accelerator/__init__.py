"""Parts of `benchmark_accelerator.py`."""
