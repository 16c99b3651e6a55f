"""What `reproduce_report.py` does: one module for simulated studies, and one for each part of the real recordings."""
