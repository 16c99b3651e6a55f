"""The network by itself: a reference classifier where it is judged together with another."""

from smilejax.classifiers.classifier import Comparison

NETWORK_ALONE = Comparison(
    name="network",
    label="Network alone",
    kind="reference",
    words="the networks of the combined classifier, without the classifier that they were combined with",
)
"""Not fitted here: a study that judges the combined classifier has trained them."""
