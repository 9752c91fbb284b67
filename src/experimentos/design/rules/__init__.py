"""The validation rules: one import line registers one rule."""

from experimentos.design.document import ExperimentDescription
from experimentos.design.rules.confounding import ALIAS as ALIAS
from experimentos.design.rules.confounding import ALIASED_RULE as ALIASED_RULE
from experimentos.design.rules.confounding import CONNECTED as CONNECTED
from experimentos.design.rules.confounding import INTERACTION as INTERACTION
from experimentos.design.rules.confounding import SMALL_BLOCKS as SMALL_BLOCKS
from experimentos.design.rules.covariates import AFTER as AFTER
from experimentos.design.rules.covariates import STATED as STATED
from experimentos.design.rules.crossover import CARRY_OVER as CARRY_OVER
from experimentos.design.rules.finding import Context as Context
from experimentos.design.rules.finding import DesignRule
from experimentos.design.rules.finding import Finding as Finding
from experimentos.design.rules.finding import Severity as Severity
from experimentos.design.rules.finding import context as context
from experimentos.design.rules.grouping import COMPONENT as COMPONENT
from experimentos.design.rules.grouping import TOO_FEW as TOO_FEW
from experimentos.design.rules.levels import CONTROL as CONTROL
from experimentos.design.rules.levels import DIMENSION as DIMENSION
from experimentos.design.rules.levels import DOSE as DOSE
from experimentos.design.rules.levels import LABELS as LABELS
from experimentos.design.rules.levels import NAMES as NAMES
from experimentos.design.rules.levels import ONE_LEVEL as ONE_LEVEL
from experimentos.design.rules.online import UNIT as UNIT
from experimentos.design.rules.placement import CONTROLS as CONTROLS
from experimentos.design.rules.placement import PLACED as PLACED
from experimentos.design.rules.purpose import BLINDING as BLINDING
from experimentos.design.rules.purpose import MULTIPLICITY as MULTIPLICITY
from experimentos.design.rules.purpose import RESPONSE as RESPONSE
from experimentos.design.rules.purpose import TREATMENT as TREATMENT
from experimentos.design.rules.randomisation import HARD as HARD
from experimentos.design.rules.randomisation import NUISANCE as NUISANCE
from experimentos.design.rules.randomisation import RANDOMISED as RANDOMISED
from experimentos.design.rules.randomisation import SHARES as SHARES
from experimentos.design.rules.randomisation import TREND_RULE as TREND_RULE
from experimentos.design.rules.replication import CLUSTERS as CLUSTERS
from experimentos.design.rules.replication import ERROR_STRATA as ERROR_STRATA
from experimentos.design.rules.replication import PSEUDO as PSEUDO
from experimentos.design.rules.replication import SUBJECTS as SUBJECTS
from experimentos.design.rules.replication import UNREPLICATED as UNREPLICATED
from experimentos.design.rules.replication import WHOLE as WHOLE
from experimentos.design.rules.response import DETECTION as DETECTION
from experimentos.design.rules.response import EXPECTED as EXPECTED
from experimentos.design.rules.response import EXPOSURE as EXPOSURE
from experimentos.design.rules.response import FAMILY as FAMILY
from experimentos.design.rules.response import ORDERED as ORDERED
from experimentos.design.rules.response import TRIALS as TRIALS
from experimentos.design.rules.response import ZEROS as ZEROS
from experimentos.design.rules.strength import LOSSES as LOSSES
from experimentos.design.rules.strength import POWER as POWER
from experimentos.design.rules.strength import PRIOR as PRIOR
from experimentos.design.rules.surface import CURVATURE as CURVATURE
from experimentos.design.rules.surface import MIXTURE as MIXTURE
from experimentos.registry import collect

RULES = collect(globals(), DesignRule)
ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def validate_design(document: ExperimentDescription) -> tuple[Finding, ...]:
    """Return what all rules find in a design, errors first, then by rule.

    A warning that the document's author accepted with a reason is left out.
    """
    return findings(context(document))


def findings(given: Context) -> tuple[Finding, ...]:
    """Return what all rules find in a design whose table is known already."""
    accepted = {(a.rule, a.subjects) for a in given.document.acknowledged}
    found = [
        f
        for name in sorted(RULES)
        for f in RULES[name](given)
        if f.severity is not Severity.WARNING or (f.rule, f.subjects) not in accepted
    ]
    return tuple(sorted(found, key=lambda f: (ORDER[f.severity], f.rule)))
