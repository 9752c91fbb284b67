"""Verify this installation: reference cases run on this machine, and a report to file."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from experimentos.errors import ExperimentOSError
from experimentos.ui import background
from experimentos.ui import format as fmt
from experimentos.ui.table import small_table

if TYPE_CHECKING:
    from experimentos.flows.verify import Table, Verification

PACKAGED, OWN = "The table that came with the program", "A table of your own"
MOST_MEGABYTES = 5
MOST_FAILURES = 50


def verify_section() -> None:
    """Draw the section; while it is folded it imports and computes nothing."""
    box = st.expander(
        "Verify this installation", icon=":material/verified:", key="verify", on_change="rerun"
    )
    if box.open:
        with box:
            _section()


def _section() -> None:
    st.markdown(
        "Every kind of calculation is run on this machine against numbers from elsewhere: R, "
        "published tables, other packages, exact arithmetic."
    )
    which = st.segmented_control(
        "Reference cases", (PACKAGED, OWN), default=PACKAGED, required=True, key="verify.which",
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    table = _table(own=which == OWN)
    if table is None:
        return
    key = f"verify.{table.sha256}"
    job = background.board().find(key)
    if job is None or (job.is_over and job.answer is None):
        if job is not None:
            _say_why(job)
        label = f"Run {fmt.plural(len(table.cases), 'reference case')}"
        if st.button(label, key="verify.run", icon=":material/play_arrow:"):
            background.board().start(key, lambda report: _run(table, report))
            st.rerun()
    elif not job.is_over:
        background.progress(key, "Reference cases")
    else:
        _result(job.answer)


def _say_why(job: background.Job) -> None:
    if job.failure:
        st.error(fmt.plain(job.failure), icon=":material/error:")
    elif job.is_cancelled:
        st.info("Cancelled before the end; nothing is reported.", icon=":material/cancel:")


def _table(*, own: bool) -> Table | None:
    from experimentos.flows.verify import packaged_table, read_table

    if not own:
        return packaged_table()
    uploaded = st.file_uploader(
        "Table of reference cases (JSON)", ["json"], key="verify.file",
        max_upload_size=MOST_MEGABYTES,
        help='{"cases": [{"id", "kind", "inputs", "expected", "tolerance"}]}: the form of '
        "`experimentos verify --table`. Cases that read data files run on the command line only.",
    )  # fmt: skip
    if uploaded is None:
        return None
    try:
        return read_table(uploaded.getvalue(), uploaded.name)
    except ExperimentOSError as failure:
        st.error(
            f"{fmt.plain(failure.message)} {fmt.plain(failure.hint or '')}",
            title="No table of reference cases",
            icon=":material/error:",
        )
        return None


def _run(table: Table, report: background.Progress) -> Verification | None:
    """Return the outcome of the whole table, None when it was cancelled."""
    from experimentos.flows.verify import Table, Verification, Verified, verify, versions

    total = len(table.cases)
    found: list[Verified] = []
    for done, case in enumerate(table.cases):
        if not report(done, total):
            return None
        found += verify(Table((case,), table.sha256)).cases
    return Verification(tuple(found), table.sha256, versions())


def _result(verification: Verification) -> None:
    count = len(verification.cases)
    if verification.failed:
        st.error(
            "Numbers that this installation computes may be wrong: the cases below say which.",
            title=f"{verification.failed} of {fmt.plural(count, 'reference case')} disagree",
            icon=":material/error:",
        )
        failures = [case for case in verification.cases if not case.passed]
        rows = [
            {
                "Case": fmt.plain(case.id),
                "Field": fmt.plain(case.field),
                "What happened": fmt.plain(case.why),
            }
            for case in failures[:MOST_FAILURES]
        ]
        small_table(rows, "Reference cases that disagree")
        if len(failures) > MOST_FAILURES:
            st.caption(f"And {len(failures) - MOST_FAILURES} more; the report names them all.")
    else:
        st.success(
            f"All {fmt.plural(count, 'reference case')} agree within their tolerances.",
            icon=":material/verified:",
        )
    _kinds(verification)
    _facts(verification)


def _kinds(verification: Verification) -> None:
    from experimentos.flows.verify_report import worst

    rows = []
    for kind, cases, passed in verification.by_kind():
        deviation, used = worst(verification, kind)
        rows.append(
            {
                "Kind": fmt.plain(kind),
                "Cases": f"{cases:,}",
                "Passed": f"{passed:,}" if passed == cases else f":red[{passed:,}]",
                "Largest deviation": deviation,
                "Of its tolerance": used,
            }
        )
    small_table(rows, "Reference cases by kind of calculation")


def _facts(verification: Verification) -> None:
    versions = " · ".join(f"{name} {version}" for name, version in verification.versions)
    st.caption(
        f"{fmt.plain(versions)}  \nSHA-256 of the table: `{verification.table_sha256}`",
    )
    with st.container(horizontal=True):
        for label, extension, mime in (
            ("Installation report, HTML", "html", "text/html"),
            ("Markdown", "md", "text/markdown"),
        ):
            st.download_button(
                label, partial(_report, verification, extension),
                f"installation-report.{extension}", mime,
                key=f"verify.{extension}", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _report(verification: Verification, extension: str) -> str:
    from experimentos.flows.verify_report import verify_document
    from experimentos.memo.html import render_html
    from experimentos.memo.markdown import render_markdown

    document = verify_document(verification, f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    return render_html(document) if extension == "html" else render_markdown(document)
