"""Power of a design: in closed form, by simulation, and what it takes to reach the goal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from experimentos.design.derive import containers, observation_unit
from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Edit, Patch, SetDocument, Update
from experimentos.design.parts import UnitLevel
from experimentos.design.power import Assumed, FactorPower, blocks_needed, power_of
from experimentos.design.power_simulation import (
    SimulatedPower,
    Simulation,
    assumptions,
    simulate_power,
)
from experimentos.design.responses import ANALYSED
from experimentos.design.rules.finding import Context, context, more_units
from experimentos.errors import DesignError

EXACT = frozenset({"normal"})
MOST_UNITS = 131_072
SIMULATIONS = (1_000, 5_000, 20_000)
CLOSED_FORM = (
    "Non-central F in the stratum of each treatment, for the two levels whose difference is known "
    "worst, with the other levels where they help least."
)
CLOSED_FORM_OF_SURFACE = (
    "Non-central F of the slope of each treatment in the fitted surface: the difference is between "
    "its low and its high setting."
)


@dataclass(frozen=True, slots=True)
class PowerView:
    """The power of every treatment in closed form.

    Attributes
    ----------
    given : Assumed
    powers : tuple[FactorPower, ...]
    is_exact : bool
        The family is normal; otherwise the figures are a first approximation.
    analysed : str
        How the simulation looks at values of this family.
    is_surface : bool
        Slopes and curvature are fitted, not a mean for each setting.
    """

    given: Assumed
    powers: tuple[FactorPower, ...]
    is_exact: bool
    analysed: str
    is_surface: bool


def power_view(given: Context, between_share: float) -> PowerView:
    """Return the power of a design whose table is known.

    Raises
    ------
    DesignError
        If there is no table yet, or effect and spread are not stated.
    """
    if given.table is None or given.anatomy is None:
        raise DesignError(given.obstacle or "The design is not complete.", hint="See the checks.")
    assumed = assumptions(given.document, between_share=between_share)
    primary = given.document.primary
    family = primary.family if primary else "normal"
    powers = power_of(given.table, given.anatomy, assumed)
    bends = any(c.coded for c in given.table.of_kind("treatment"))
    return PowerView(assumed, powers, family in EXACT, ANALYSED[family], bends)


def simulated(
    document: ExperimentDescription,
    between_share: float,
    simulations: int,
    report: Callable[[int, int], bool] | None = None,
) -> tuple[SimulatedPower, ...]:
    """Return the power of a design by simulation; see `design.power_simulation`.

    Raises
    ------
    DesignError
        If something is not stated, the design is too large, or `report` asked to stop.
    """
    given = context(document)
    if given.table is None or given.anatomy is None:
        raise DesignError(given.obstacle, hint="See the checks.")
    assumed = assumptions(document, between_share=between_share)
    how = Simulation(simulations)
    return simulate_power(document, given.table, given.anatomy, assumed, how=how, report=report)


def countable_units(document: ExperimentDescription) -> tuple[UnitLevel, ...]:
    """Return the units whose number can be changed to get more power, outermost first."""
    measured = observation_unit(document)
    chain = (*containers(document, measured), measured) if measured else ()
    return tuple(u for u in chain if isinstance(u.count, int))


def needed(
    document: ExperimentDescription, unit_id: str, between_share: float, goal: float
) -> int | None:
    """Return how many of a unit bring every treatment to the goal, None when no number does.

    Raises
    ------
    DesignError
        If effect and spread are not stated, or there is no such unit.
    """
    assumed = assumptions(document, between_share=between_share)
    return blocks_needed(document, assumed, goal=goal, unit_id=unit_id, limit=MOST_UNITS)


def count_patch(document: ExperimentDescription, unit_id: str, count: int) -> Patch:
    """Return the patch that sets the number of a unit.

    Raises
    ------
    DesignError
        If there is no such unit.
    """
    unit = document.unit(unit_id)
    if unit is None:
        raise DesignError("The design has no such unit.", hint="Choose one of its units.")
    return more_units(document, unit, count)


def assume_patch(
    document: ExperimentDescription, response: Mapping[str, Any], conduct: Mapping[str, float]
) -> Patch:
    """Return the patch that states what power rests on.

    Parameters
    ----------
    response
        Any of smallest_effect, expected_range, expected_centre of the primary response.
    conduct
        Any of power_goal and alpha.

    Raises
    ------
    DesignError
        If there is no primary response.
    """
    primary = document.primary
    if primary is None:
        raise DesignError("There is no primary response.", hint="Mark one as primary.")
    edits: list[Edit] = []
    changed = {k: v for k, v in response.items() if getattr(primary, k) != v}
    if changed:
        edits.append(Update(part="responses", id=primary.id, fields=changed))
    if any(getattr(document.conduct, k) != v for k, v in conduct.items()):
        whole = document.conduct.model_copy(update=conduct).model_dump(mode="json")
        edits.append(SetDocument(fields={"conduct": whole}))
    return Patch.model_validate({"title": "What power rests on", "edits": edits})
