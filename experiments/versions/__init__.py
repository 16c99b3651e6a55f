"""What `compare_versions.py` runs with either version, and how the two call the same thing."""
