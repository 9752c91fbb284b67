"""The run over raw rows: what it will read, its progress, and where its summary lands."""

import streamlit as st

from experimentos.engine.spec import MetricsFile
from experimentos.flows.raw_rows import (
    Look,
    Recipe,
    columns_read,
    passes,
    plan_of,
    recipe_of,
    sum_up,
)
from experimentos.flows.raw_source import Reach
from experimentos.ui import background
from experimentos.ui import format as fmt
from experimentos.ui.raw_state import PAGE, RawChoice, as_choice, choice
from experimentos.ui.size_form import PAGE as SIZE
from experimentos.ui.state import change, session

DONE = "The rows are summed up: health, results and memo speak of them now."


def key() -> str:
    """Return what the run of this draft is found by."""
    return f"raw.{session().draft.id}"


def is_running() -> bool:
    """Return whether the rows of this draft are being read."""
    job = background.board().find(key())
    return job is not None and not job.is_over


def draw_running() -> None:
    """Draw the run that goes on, or why the last one failed; take what a finished one brought."""
    job = background.board().find(key())
    if job is None:
        return
    if job.answer is not None:
        if not session().is_stale:
            _land(job.answer)
        return
    if job.is_over:
        _failed(job)
    else:
        with st.container(border=True):
            place = choice().place
            st.markdown(f"**Summing up {fmt.plain(place.shown if place else 'the rows')}**")
            background.progress(key(), "Reading the rows")
            st.caption("It goes on when you reload or leave this page.")


def run_section(now: RawChoice, metrics: MetricsFile | None, look: Look, within: Reach) -> None:
    """Draw the estimate and the button."""
    recipe = now.recipe if metrics is not None else None
    st.markdown("**Sum the rows up**")
    if metrics is not None:
        st.markdown(_estimate(now, metrics, look))
    missing = _missing(now, metrics)
    if missing:
        st.caption(f"Still open: {fmt.listed(missing)}.")
    if st.button(
        "Sum up the rows", key="raw.run", type="primary", icon=":material/functions:",
        disabled=recipe is None,
    ) and recipe is not None:  # fmt: skip
        start(recipe, within)


def start(recipe: Recipe, within: Reach) -> None:
    """Start the run and draw the page anew."""
    background.board().start(key(), lambda report: sum_up(recipe, within, report))
    st.rerun()


def forget() -> None:
    """Drop what the last run left behind: another source was chosen."""
    background.board().forget(key())


def _failed(job: background.Job) -> None:
    if job.failure:
        st.warning(
            fmt.plain(job.failure),
            title="The rows were not summed up",
            icon=":material/unpublished:",
        )
    elif job.is_cancelled:
        st.info("Cancelled: nothing was changed.", icon=":material/cancel:")


def _missing(now: RawChoice, metrics: MetricsFile | None) -> list[str]:
    open_ = [
        label
        for label, value in (
            ("the variant", now.variant),
            ("the control", now.control),
            ("the unit of randomisation", now.unit),
        )
        if not value
    ]
    if now.exposures is not None and not now.exposure_unit:
        open_.append("the unit in the exposures")
    if not now.metrics:
        open_.append("at least one metric")
    elif metrics is None:
        open_.append("the correction of the metrics")
    return open_


def _estimate(now: RawChoice, metrics: MetricsFile, look: Look) -> str:
    """Return what will be read, in words; nothing is promised about time."""
    times = fmt.listed(passes(metrics, now.roles))
    extent = look.extent
    if extent is None:
        return f"The database reads its table: {times}. Only sums come back."
    rows = ""
    if extent.rows is not None:
        about = "" if extent.is_exact else "about "
        rows = f"{about}{fmt.rounded(extent.rows, exact=extent.is_exact)} rows, "
    read = extent.bytes
    if extent.columns and now.roles is not None:
        used = columns_read(metrics, now.roles, look.there)
        read = sum(size for name, size in extent.columns.items() if name in used)
        return f"Will read {rows}{fmt.size(read)} of {fmt.size(extent.bytes)}: {times}."
    return f"Will read {rows}{fmt.size(read)}: {times}."


def _land(content: bytes) -> None:
    """Make a stored summary the results of this draft, with the roles that its metrics name."""
    found = recipe_of(content)
    assert found is not None  # noqa: S101 - it was made here, with its recipe
    recipe, _ = found
    draft = session().draft
    page = {name: value for name, value in draft.page.items() if name == SIZE}
    page[PAGE] = (
        as_choice(recipe).model_copy(update={"edition": choice().edition}).model_dump(mode="json")
    )
    change(
        content,
        file_name=recipe.place.shown,
        mapping={},
        analysis_id="",
        page=page,
        charter=plan_of(recipe, draft.charter),
    )
    if session().is_stale:
        # Another tab saved meanwhile: the answer waits until the person has chosen.
        return
    background.board().forget(key())
    session().uploads += 1
    session().notices.append(DONE)
    st.rerun()
