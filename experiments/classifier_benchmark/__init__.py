"""What `benchmark_classifiers.py` is made of: problems, scores of the package's classifiers and of aeon's, tables."""
