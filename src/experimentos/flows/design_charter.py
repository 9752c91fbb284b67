"""An A/B design as the charter that its analysis is held to."""

from datetime import datetime

from experimentos.design.derive import unit_total
from experimentos.design.document import ExperimentDescription
from experimentos.design.names import slug
from experimentos.design.parts import Allotment, Factor, Response
from experimentos.errors import DesignError
from experimentos.flows.design_status import standing
from experimentos.plan.charter import Charter, Way
from experimentos.plan.freeze import freeze

CONVERSION = "conversion"
RATES = frozenset({"bernoulli", "binomial"})
FITTING = frozenset({"ab_test", "CRD"})


def is_ab(document: ExperimentDescription) -> bool:
    """Return whether a design is one treatment drawn once for each unit: arms to compare."""
    allotments = [document.allotment(f.id) for f in document.treatments]
    return (
        len(document.treatments) == 1
        and allotments[0] is not None
        and allotments[0].rule == "complete"
        and len(document.treatments[0].levels) >= 2
        and standing(document).design_class in FITTING
    )


def frozen_charter(document: ExperimentDescription, at: datetime) -> Charter:
    """Return the plan of an A/B design, frozen: what was said before the data.

    The control is the reference level and comes first in the split. A rate is called "conversion",
    as in the contract of results files.

    Raises
    ------
    DesignError
        If the design is no A/B design, has no primary response, or errors are left.
    """
    if not is_ab(document):
        raise DesignError(
            "Only a design with one treatment, drawn once for each unit, has a charter.",
            hint="Use the run sheet of this design.",
        )
    primary = document.primary
    if primary is None or standing(document).errors:
        raise DesignError("Errors are left in this design.", hint="Settle them first.")
    factor = document.treatments[0]
    allotment = document.allotment(factor.id)
    unit = document.unit(allotment.unit_id) if allotment else None
    charter = Charter(
        title=document.title,
        hypothesis=document.hypothesis[:2_000],
        primary=CONVERSION if primary.family in RATES else slug(primary.name),
        direction=_way(primary),
        alpha=min(document.conduct.alpha, 0.5),
        mde=primary.smallest_effect,
        split=_split(factor, allotment),
        planned_users=unit_total(document, unit) if unit else None,
        notes=f"From the design {document.hash()[:12]}.",
    )
    return freeze(charter, at)


def _way(primary: Response) -> Way:
    return "lower" if primary.direction == "decrease" else "higher"


def _split(factor: Factor, allotment: Allotment | None) -> tuple[float, ...]:
    """Return the planned shares with the reference level first."""
    ratio = allotment.ratio if allotment and allotment.ratio else (1.0,) * len(factor.levels)
    pairs = sorted(zip(factor.levels, ratio, strict=True), key=lambda pair: not pair[0].is_control)
    return tuple(share for _, share in pairs)
