"""What was chosen of raw rows: kept in the draft, so that a refresh or a restart keeps it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import BaseModel, ConfigDict, ValidationError

from experimentos.engine.files import find
from experimentos.errors import ExperimentOSError
from experimentos.flows.raw_rows import Look, Recipe, Roles, look, recipe_of
from experimentos.flows.raw_source import Place, Reach, address_of
from experimentos.ui import access
from experimentos.ui.experiment import content_of
from experimentos.ui.state import change, session
from experimentos.wiring import reach, settings_from_environment

PAGE = "raw"
EACH_ROW = "Each row is one unit"
# A database may have changed; a file that has is seen by its size and time.
LOOK_TTL_SECONDS = 600


class RawChoice(BaseModel):
    """What was chosen so far.

    Attributes
    ----------
    place : Place | None
    exposures : Place | None
        The table that says which unit was in which arm, where the rows do not.
    variant, control, unit, segment, date, exposure_unit, exposure_date : str
        "" for nothing yet; a unit may be `EACH_ROW`.
    window_days : int | None
    names : dict[str, str]
        Of arms, where the rows call them what a report cannot.
    metrics : str
        The metrics file; "" before there is one.
    edition : int
        Grows when the file is changed beside the form, which is then filled anew.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: Place | None = None
    exposures: Place | None = None
    variant: str = ""
    control: str = ""
    unit: str = ""
    segment: str = ""
    date: str = ""
    exposure_unit: str = ""
    exposure_date: str = ""
    window_days: int | None = None
    names: dict[str, str] = {}
    metrics: str = ""
    edition: int = 0

    @property
    def roles(self) -> Roles | None:
        """Return the roles of the columns, None while one that is needed is open."""
        if not (self.variant and self.control and self.unit):
            return None
        if self.exposures is not None and (self.unit == EACH_ROW or not self.exposure_unit):
            return None
        return Roles(
            variant=self.variant,
            control=self.control,
            unit=None if self.unit == EACH_ROW else self.unit,
            segment=self.segment or None,
            date=self.date or None,
            names=self.names,
            **(self._joined if self.exposures is not None else {}),
        )

    @property
    def _joined(self) -> dict[str, Any]:
        return {
            "exposure_unit": self.exposure_unit,
            "exposure_date": self.exposure_date or None,
            "window_days": self.window_days,
        }

    @property
    def recipe(self) -> Recipe | None:
        """Return what can be asked of the rows, None while something is open."""
        roles = self.roles
        if self.place is None or roles is None or not self.metrics:
            return None
        return Recipe(place=self.place, roles=roles, metrics=self.metrics, exposures=self.exposures)


def choice() -> RawChoice:
    """Return what this draft has chosen: as saved, or as its stored summary was made."""
    draft = session().draft
    found = draft.page.get(PAGE)
    if isinstance(found, Mapping):
        try:
            return RawChoice.model_validate(found)
        except ValidationError:
            return RawChoice()
    made = _made(draft.input_sha256) if draft.input_sha256 else None
    return RawChoice() if made is None else as_choice(made)


def as_choice(recipe: Recipe) -> RawChoice:
    """Return what was chosen when a summary was made."""
    roles = recipe.roles
    return RawChoice(
        place=None if recipe.place.kind == "command" else recipe.place,
        exposures=recipe.exposures,
        exposure_unit=roles.exposure_unit or "",
        exposure_date=roles.exposure_date or "",
        window_days=roles.window_days,
        names=roles.names,
        variant=roles.variant,
        control=roles.control,
        unit=roles.unit or EACH_ROW,
        segment=roles.segment or "",
        date=roles.date or "",
        metrics=recipe.metrics,
    )


def choose(**fields: object) -> RawChoice:
    """Change what is chosen, save it, and return it."""
    now = choice()
    fresh = now.model_copy(update=fields)
    if fresh != now:
        change(page={**session().draft.page, PAGE: fresh.model_dump(mode="json")})
    return fresh


def reached() -> Reach | None:
    """Return what this page may read rows from; None on a public server."""
    return reach(settings_from_environment()) if access.gate().is_shared else None


def looked(place: Place, within: Reach) -> Look:
    """Return what a source looks like; looked at anew when its files have changed.

    Raises
    ------
    ExperimentOSError
        As `flows.raw_rows.look`.
    """
    return _looked(place.model_dump_json(), _stamp(place, within), within)


@st.cache_resource(max_entries=16, ttl=LOOK_TTL_SECONDS, show_spinner=False)
def _looked(place: str, stamp: str, _within: Reach) -> Look:  # noqa: ARG001 - the stamp is a key
    return look(Place.model_validate_json(place), _within)


def _stamp(place: Place, within: Reach) -> str:
    try:
        address, inside = address_of(place, within)
        if inside is None:
            return place.at
        seen = [path.stat() for path in find(address, inside=inside).paths]
        return " ".join(f"{one.st_size}.{one.st_mtime_ns}" for one in seen)
    except (ExperimentOSError, OSError):
        return "gone"


@st.cache_resource(max_entries=32, show_spinner=False)
def _made(sha256: str) -> Recipe | None:
    found = recipe_of(content_of(sha256))
    return None if found is None else found[0]
