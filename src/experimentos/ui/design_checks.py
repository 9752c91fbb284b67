"""What a design amounts to: its summary, its anatomy, its open questions and its findings."""

from collections.abc import Sequence

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.parts import OpenQuestion
from experimentos.design.rules import RULES
from experimentos.design.rules.finding import Context, Finding, Severity
from experimentos.errors import DesignError
from experimentos.flows import design_edits
from experimentos.flows.design_aliases import aliases_of
from experimentos.flows.design_words import AnatomyRow, anatomy_rows, anatomy_words
from experimentos.ui import format as fmt
from experimentos.ui.design_state import edit, tab
from experimentos.ui.table import small_table

LOOKS = {
    Severity.ERROR: ("red", ":material/error:", "Error"),
    Severity.WARNING: ("orange", ":material/warning:", "Warning"),
    Severity.INFO: ("blue", ":material/lightbulb:", "Advice"),
}
MOST_SENTENCES = 6
MOST_ROWS = 40
UNITS_LIMIT = 1_000_000


def anatomy_table(document: ExperimentDescription, given: Context) -> None:
    """Draw strata, sources, degrees of freedom, errors and replication, and what they mean."""
    st.subheader("Anatomy of the analysis", anchor=False)
    if given.anatomy is None:
        st.info(
            f"{fmt.plain(given.obstacle)} The degrees of freedom are shown when this is known.",
            icon=":material/account_tree:",
        )
        return
    for sentence in anatomy_words(document, given.anatomy)[:MOST_SENTENCES]:
        st.markdown(fmt.plain(sentence))
    rows = anatomy_rows(given.anatomy)
    shown = [_row(row) for row in rows[:MOST_ROWS]]
    small_table(shown, "Strata of the design with their sources and degrees of freedom")
    cut = f"The first {MOST_ROWS} of {len(rows)} lines are shown. " if len(rows) > MOST_ROWS else ""
    st.caption(
        f"{cut}{given.anatomy.n:,} observations. A source is tested against the variation among "
        "the units it was applied to; d.f. are degrees of freedom."
    )
    _aliases(document)


def _aliases(document: ExperimentDescription) -> None:
    """Draw what a fraction cannot tell apart."""
    view = aliases_of(document)
    if view is None:
        return
    st.markdown(f":material/link: {fmt.plain(view.sentence)}")
    if view.rows:
        shown = [
            {"Effect": fmt.plain(effect), "Cannot be told apart from": fmt.plain(others)}
            for effect, others in view.rows[:MOST_ROWS]
        ]
        with st.expander(f"Alias table ({len(view.rows)} groups)", icon=":material/table_rows:"):
            small_table(shown, "Effects that share a column of the design")


def _row(row: AnatomyRow) -> dict[str, str]:
    against = fmt.plain(row.against)
    return {
        "Stratum": f"Between {fmt.plain(row.stratum)}",
        "Source": fmt.plain(row.source) or "*left over: error*",
        "d.f.": f"{row.df:,}",
        "Tested against": f":red[{against}]" if row.is_untestable else against,
        "Units per level": row.replication,
    }


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
    if is_all:
        _accepted(document)


def _accepted(document: ExperimentDescription) -> None:
    """Draw the warnings that were accepted, why, and the way to have them back."""
    if not document.acknowledged:
        return
    label = f"{fmt.plural(len(document.acknowledged), 'accepted warning')}"
    with st.expander(label, icon=":material/approval:"):
        for known in document.acknowledged:
            title = RULES[known.rule].title if known.rule in RULES else known.rule
            st.markdown(f"**{known.rule}** {fmt.plain(title)}")
            st.caption(f"Accepted: {fmt.plain(known.reason)}")
            if st.button(
                "Ask again", key=tab().key(f"unaccept.{known.id}"), type="tertiary",
                icon=":material/undo:", help="Take the acceptance back",
            ):  # fmt: skip
                edit(design_edits.remove("acknowledged", known.id, f"acceptance of {known.rule}"))
                st.rerun()


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
            if not finding.fixes:
                _way_to_card(document, number, finding)
            if finding.severity is Severity.WARNING:
                _accept(document, number, finding)


def _way_to_card(document: ExperimentDescription, number: int, finding: Finding) -> None:
    """Draw the way to the card that a finding is about: only its reader knows the answer."""
    names = {f"factors.{f.id}": f.name for f in document.factors}
    names |= {f"units.{u.id}": u.name for u in document.units}
    names |= {f"responses.{r.id}": r.name for r in document.responses}
    wanted = finding.subjects[0] if finding.subjects else ""
    key = next((k for k in names if k.partition(".")[2] == wanted), "")
    if not key or key == tab().selected:
        return
    if st.button(
        f"Open {fmt.plain(names[key])}", icon=":material/edit:",
        key=tab().key(f"open.{number}.{key}"), help="The answer is one that only you can give.",
    ):  # fmt: skip
        tab().select(key)
        st.rerun()


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
