"""What a design amounts to: its summary, its anatomy, its open questions and its findings."""

from collections.abc import Iterator, Sequence

import streamlit as st

from experimentos.design.anatomy import Anatomy, Stratum
from experimentos.design.document import ExperimentDescription
from experimentos.design.parts import OpenQuestion
from experimentos.design.rules import RULES
from experimentos.design.rules.finding import Context, Finding, Severity
from experimentos.errors import DesignError
from experimentos.flows import design_edits
from experimentos.ui import format as fmt
from experimentos.ui.design_state import edit, tab
from experimentos.ui.table import small_table

LOOKS = {
    Severity.ERROR: ("red", ":material/error:", "Error"),
    Severity.WARNING: ("orange", ":material/warning:", "Warning"),
    Severity.INFO: ("blue", ":material/lightbulb:", "Advice"),
}
UNITS_LIMIT = 1_000_000


def anatomy_table(given: Context) -> None:
    """Draw strata, sources, degrees of freedom and what each source is tested against."""
    st.subheader("Anatomy of the analysis", anchor=False)
    if given.anatomy is None:
        st.info(
            f"{fmt.plain(given.obstacle)} The degrees of freedom are shown when this is known.",
            icon=":material/account_tree:",
        )
        return
    rows = [row for stratum in given.anatomy.strata for row in _rows(given.anatomy, stratum)]
    small_table(rows, "Strata of the design with their sources and degrees of freedom")
    st.caption(
        f"{given.anatomy.n:,} observations. A source is tested against the variation among the "
        "units it was applied to; d.f. are degrees of freedom."
    )


def _rows(anatomy: Anatomy, stratum: Stratum) -> Iterator[dict[str, str]]:
    name = fmt.plain(stratum.name)
    for source in stratum.sources:
        tested = anatomy.tested(*source.factor_ids)
        against = f"holds {source.efficiency:.0%} of its information"
        if tested is not None and tested.unit_id == stratum.unit_id:
            against = f"{fmt.plain(tested.error)}, {tested.error_df:,} d.f."
            if not tested.error_df:
                against = ":red[nothing is left to test it against]"
        yield _row(f"Between {name}", fmt.plain(source.name), source.df, against)
    yield _row(f"Between {name}", "*residual*", stratum.residual_df, "")


def _row(stratum: str, source: str, df: int, against: str) -> dict[str, str]:
    return {"Stratum": stratum, "Source": source, "d.f.": f"{df:,}", "Tested against": against}


def open_questions(document: ExperimentDescription) -> None:
    """Draw what is not known yet; a count is set here, another question is closed when settled."""
    if not document.open_questions:
        return
    st.subheader("Open questions", anchor=False)
    for asked in document.open_questions:
        with st.container(border=True, gap="xsmall", key=f"question.{asked.id}"):
            st.markdown(f":material/contact_support: {fmt.plain(asked.text)}")
            unit = document.unit(asked.about)
            if unit is not None and unit.count is None:
                _ask_count(document, asked)
            elif st.button(
                "Settled", key=tab().key(f"settle.{asked.id}"), icon=":material/check:",
                help="Close this question after you changed the cards.",
            ):  # fmt: skip
                edit(design_edits.settle(asked.id))
                st.rerun()


def _ask_count(document: ExperimentDescription, asked: OpenQuestion) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.number_input(
            "Number in each unit above", 1, UNITS_LIMIT, None, 1, width=240,
            key=tab().key(f"count.{asked.id}"),
        )  # fmt: skip
        if st.button("Set", key=tab().key(f"set.{asked.id}")) and count is not None:
            edit(design_edits.answer_count(document, asked.id, int(count)))
            st.rerun()


def findings_list(
    document: ExperimentDescription, found: Sequence[Finding], *, is_all: bool = True
) -> None:
    """Draw what the rules found, worst first, with the idea behind and the fixes.

    Parameters
    ----------
    is_all
        False when these are the findings about one card.
    """
    st.subheader("Checks", anchor=False)
    if not found:
        passed = f"All {len(RULES)} rules pass." if is_all else "No rule has anything to say here."
        st.success(passed, icon=":material/verified:")
    for number, finding in enumerate(found):
        _finding(document, number, finding)


def _finding(document: ExperimentDescription, number: int, finding: Finding) -> None:
    tone, icon, word = LOOKS[finding.severity]
    with st.container(border=True, gap="xsmall", key=f"finding.{number}"):
        st.markdown(f":{tone}-badge[{icon} {word}] {fmt.plain(finding.message)}")
        if finding.evidence:
            st.caption(fmt.plain(finding.evidence))
        st.caption(f"{finding.rule}: {fmt.plain(finding.why)}")
        with st.container(horizontal=True):
            for place, patch in enumerate(finding.fixes):
                if st.button(
                    f"Apply: {fmt.plain(patch.title)}", icon=":material/build:",
                    key=tab().key(f"fix.{number}.{place}"),
                ):  # fmt: skip
                    edit(patch)
                    st.rerun()
            if finding.severity is Severity.WARNING:
                _accept(document, number, finding)


def _accept(document: ExperimentDescription, number: int, finding: Finding) -> None:
    with st.popover("Accept with a reason", type="tertiary"):
        reason = st.text_input(
            f"Why {finding.rule} is all right here", key=tab().key(f"reason.{number}"),
            max_chars=2_000,
        )  # fmt: skip
        if st.button("Accept", key=tab().key(f"accept.{number}")):
            try:
                patch = design_edits.accept(document, finding.rule, finding.subjects, reason or "")
            except DesignError as failure:
                st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
                return
            edit(patch)
            st.rerun()
