"""Which column says what, of the rows themselves or of a table of exposures beside them."""

from pathlib import PurePosixPath

import streamlit as st

from experimentos.engine.expression import Type
from experimentos.errors import ExperimentOSError
from experimentos.flows.raw_metrics import MOST_ARMS, Suggested, arm_names, suggested
from experimentos.flows.raw_rows import Look
from experimentos.flows.raw_source import Place, Reach, list_files
from experimentos.ui import experiment
from experimentos.ui import format as fmt
from experimentos.ui.bound import bound, bound_choice
from experimentos.ui.raw_state import EACH_ROW, RawChoice, choice, choose, looked
from experimentos.ui.state import session

NONE = "None"
OPEN = "Choose a column"
THEMSELVES = "The rows themselves"
MOST_DAYS = 3_650


def exposures_picker(now: RawChoice, look: Look, within: Reach) -> Look | None:
    """Draw where it stands who was in which arm; return how that looks, None if it cannot be read.

    Nothing is drawn where there is no other table that could say it.
    """
    assert now.place is not None  # noqa: S101 - its first rows are shown
    beside = _beside(now.place, look, within)
    if not beside:
        return look
    options = [THEMSELVES, *beside]
    held = now.exposures
    value = _title(held, now.place) if held else THEMSELVES
    picked = bound_choice(
        "Arms from", f"raw.exposures.{now.place}", options, value,
        help="A table of exposures names unit and variant, and when; the rows are joined to it by "
        "unit, and rows from before the first exposure do not count.",
    )  # fmt: skip
    found = beside.get(picked)
    if found != held:
        choose(exposures=found)
    if found is None:
        return look
    try:
        with st.spinner("Looking at the exposures"):
            return looked(found, within)
    except ExperimentOSError as failure:
        st.warning(
            f"{fmt.plain(failure.message)} {fmt.plain(failure.hint or '')}",
            title="The exposures cannot be read", icon=":material/unpublished:",
        )  # fmt: skip
        return None


def roles_section(look: Look, arms: Look) -> RawChoice:
    """Draw the roles of the columns and keep them; `arms` is `look` without exposures."""
    now = choice()
    joined = now.exposures is not None
    rows, of_arms = suggested(look.there, look.rows), suggested(arms.there, arms.rows)
    names = list(arms.there.types)
    st.markdown("**Which column says what**")
    with st.grid(min_column_width=210, gap="small"):
        variant = _column(
            "Variant", "variant", [OPEN, *names], now.variant or of_arms.variant or OPEN,
            help="Names the arm of the experiment.",
        )  # fmt: skip
        control = _control(now, arms, of_arms, variant)
        unit = _column(
            "Unit of randomisation", "unit", [OPEN, *_units(look, rows, joined=joined)],
            now.unit or OPEN,
            help="What was assigned to an arm, such as the user. Rows of one unit are put "
            "together before anything is counted, so that an order is never taken for a user. It "
            "is never guessed.",
        )  # fmt: skip
        exposed = _exposed(now, arms, unit) if joined else {}
        date = _column(
            "Date of a row" if joined else "Date", "date", [NONE, *_dates(look)],
            now.date or NONE, help=_date_help(joined=joined),
        )  # fmt: skip
        segment = _column(
            "Segment", "segment", [NONE, *of_arms.segments, *_others(names, of_arms)],
            now.segment or NONE,
            help="Splits the arms by something that was known before the experiment.",
        )  # fmt: skip
    fresh = choose(
        variant=_named(variant),
        control=control,
        unit=_named(unit),
        date=_named(date),
        segment=_named(segment),
        **exposed,
    )
    fresh = choose(names=_names(fresh, arms))
    if not fresh.unit and rows.units:
        st.caption(f"{fmt.plain(rows.units[0])} looks like the unit; say so if it is.")
    return fresh


def _exposed(now: RawChoice, arms: Look, unit: str) -> dict[str, object]:
    """Draw what joins rows to exposures."""
    names = list(arms.there.types)
    same = unit if unit in names else OPEN
    own = _column(
        "Unit in the exposures", "exposure_unit", [OPEN, *names], now.exposure_unit or same
    )
    when = _column(
        "Date of exposure", "exposure_date", [NONE, *_dates(arms)], now.exposure_date or NONE,
        help="Rows from before a unit's first exposure do not count. It needs the date of a row, "
        "too; without both, all rows of exposed units count.",
    )  # fmt: skip
    days = st.number_input(
        "Days from exposure", 1, MOST_DAYS, now.window_days, placeholder="no end",
        key=session().key(f"raw.window.{now.place}"), persist_state="session",
        help="Rows of so many days from a unit's first exposure count.",
    )  # fmt: skip
    return {
        "exposure_unit": _named(own),
        "exposure_date": _named(when),
        "window_days": days,
    }


def _beside(place: Place, look: Look, within: Reach) -> dict[str, Place]:
    """Return the other tables of a database, or the other files of this form, by their titles."""
    if look.tables:
        others = [t for t in look.tables if t != place.table]
        return {table: place.model_copy(update={"table": table}) for table in others}
    if place.kind != "file":
        return {}
    form = PurePosixPath(place.at).suffix
    return {
        one.at: Place(kind="file", at=one.at, name=one.at[-120:])
        for one in list_files(within)
        if one.at != place.at and PurePosixPath(one.at).suffix == form
    }


def _title(exposures: Place, place: Place) -> str:
    return exposures.table if exposures.at == place.at else exposures.at


def _named(column: str) -> str:
    return "" if column in (OPEN, NONE) else column


def _column(
    label: str,
    name: str,
    options: list[str],
    value: str,
    *,
    help: str | None = None,  # noqa: A002
) -> str:
    if value not in options:
        # The column is gone from the source, or another table was chosen.
        value = options[0]
    now = choice()
    key = f"raw.{name}.{now.place}.{now.exposures}"
    return bound_choice(label, key, options, value, help=help)


def _control(now: RawChoice, arms: Look, guess: Suggested, variant: str) -> str:
    names = list(arms.there.types)
    seen: list[str] = []
    if variant in names:
        at = names.index(variant)
        seen = sorted({row[at] for row in arms.rows if row[at]})[:50]
    value = now.control if now.control and now.variant == variant else (guess.control or "")
    options = list(dict.fromkeys([*([value] if value else []), *seen]))
    found = st.selectbox(
        "Control", options, index=options.index(value) if value else None,
        placeholder="Choose or type an arm", accept_new_options=True, persist_state="session",
        key=session().key(f"raw.control.{now.place}.{now.exposures}.{variant}"),
        help="The arm that the others are compared with, as it stands in the rows. An arm that the "
        "first rows do not show can be typed.",
    )  # fmt: skip
    return found or ""


def _names(now: RawChoice, arms: Look) -> dict[str, str]:
    """Draw a name for each arm that the rows call what a report cannot carry, such as 0 and 1."""
    offered = arm_names(_seen(arms, now.variant, now.control), now.control)
    if not offered:
        return {}
    st.caption("Reports need a name that begins with a letter; these arms are called otherwise.")
    names = {}
    with st.grid(min_column_width=210, gap="small"):
        for arm, name in offered.items():
            typed = bound(
                st.text_input, f"Name of the arm {fmt.plain(fmt.shortened(arm, 40))}",
                f"raw.arm.{now.place}.{now.control}.{arm}", now.names.get(arm, name),
            )  # fmt: skip
            names[arm] = (typed or "").strip() or name
    return names


def _seen(arms: Look, variant: str, control: str) -> list[str]:
    """Return the arms that are known: of the first rows, and of what was summed up before."""
    names = list(arms.there.types)
    if variant not in names:
        return []
    at = names.index(variant)
    found = {row[at] for row in arms.rows if row[at]} | {control} - {""}
    test = experiment.current()
    summary = test.reading.summary if test is not None else None
    if summary is not None and summary.source.scan is not None:
        made = choice().names
        found |= {arm.name for arm in summary.arms if arm.name not in made.values()}
    return sorted(found)[:MOST_ARMS]


def _units(look: Look, guess: Suggested, *, joined: bool) -> list[str]:
    others = [name for name in look.there.types if name not in guess.units]
    return [*guess.units, *others, *([] if joined else [EACH_ROW])]


def _dates(look: Look) -> list[str]:
    return [name for name, kind in look.there.types.items() if kind is Type.TIME]


def _date_help(*, joined: bool) -> str:
    if joined:
        return "When a row happened. Units are then shown by the day of their first exposure."
    return "Splits the arms by each unit's first day: for daily views and looks."


def _others(names: list[str], guess: Suggested) -> list[str]:
    return [name for name in names if name not in (*guess.segments, *guess.units)]
