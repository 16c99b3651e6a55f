"""From trained runs to a verdict: metrics, statistics, reference classifiers, the study, power, and the multiverse."""
