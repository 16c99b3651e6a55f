"""Every section of the page, in its order. A new one is a module with its `Section`, and its name here."""

from smilejax.report.attribution_section import ATTRIBUTION
from smilejax.report.calibration_section import CALIBRATION
from smilejax.report.cleaning_section import CLEANING
from smilejax.report.data_section import DATA
from smilejax.report.dilation_section import DILATION
from smilejax.report.groups_section import GROUPS
from smilejax.report.observers_section import OBSERVERS
from smilejax.report.page_parts import Section
from smilejax.report.permutation_section import PERMUTATION
from smilejax.report.roc_section import ROC
from smilejax.report.scores_section import SCORES_AND_CLASSIFIERS
from smilejax.report.settings_sections import COMMAND, HYPERPARAMETERS, SETTINGS
from smilejax.report.subgroups_section import SUBGROUPS
from smilejax.report.training_section import TRAINING

SECTIONS: tuple[Section, ...] = (
    DATA,
    CLEANING,
    DILATION,
    TRAINING,
    SCORES_AND_CLASSIFIERS,
    PERMUTATION,
    ROC,
    CALIBRATION,
    GROUPS,
    SUBGROUPS,
    OBSERVERS,
    ATTRIBUTION,
    HYPERPARAMETERS,
    SETTINGS,
    COMMAND,
)
