"""The versions of a design on screen: timeline, comparison card by card, variants side by side."""

from collections.abc import Sequence

import streamlit as st

from experimentos.design.versions import Version
from experimentos.errors import DesignError
from experimentos.flows import design_versions as flow
from experimentos.flows.design_session import go_back_to, version_rows
from experimentos.flows.design_versions import CardChange, Variant
from experimentos.ui import format as fmt
from experimentos.ui.design_badges import class_words, kind_badge
from experimentos.ui.design_panels import validity_badge
from experimentos.ui.design_state import keep, renew, tab
from experimentos.ui.table import small_table

SHOWN = 30
MOST_SENTENCES = 12
LOOKS = {
    "added": ("green", ":material/add:"),
    "removed": ("red", ":material/remove:"),
    "renamed": ("blue", ":material/label:"),
    "changed": ("orange", ":material/edit:"),
    "moved": ("gray", ":material/swap_vert:"),
}


def versions_tab() -> None:
    """Draw variants, a comparison of two versions, and the timeline."""
    rows = version_rows(tab().session)
    _variants()
    if len(rows) > 1:
        _compare(rows)
    st.markdown("#### Timeline")
    for version in rows[:SHOWN]:
        _version(version, is_newest=version.number == rows[0].number)
    if len(rows) > SHOWN:
        st.caption(f"{len(rows) - SHOWN} older versions are kept and exported.")


def _version(version: Version, *, is_newest: bool) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            name = f" :violet-badge[:material/bookmark: {fmt.plain(version.name)}]"
            message = fmt.plain(fmt.shortened(version.message, 90)) or "Edit"
            st.markdown(
                f"**{version.number}** · {message}{name if version.name else ''}", width="stretch"
            )
            if is_newest:
                st.markdown(":blue-badge[Current]", width="content")
            elif st.button(
                "Restore", key=tab().key(f"restore.{version.number}"), icon=":material/history:",
                help=f"Make version {version.number} the newest; nothing is lost",
            ):  # fmt: skip
                renew(go_back_to(tab().session, version.number))
                st.rerun()
            _naming(version)
        st.caption(
            f"{fmt.when(version.until)} · {version.until:%Y-%m-%d %H:%M} UTC · {version.author} · "
            f"`{version.hash[:12]}`"
        )
        told = flow.step_changes(tab().session, version.number)
        for sentence in told[:MOST_SENTENCES]:
            st.markdown(f"- {fmt.plain(sentence)}")
        if len(told) > MOST_SENTENCES:
            st.caption(f"and {len(told) - MOST_SENTENCES} more changes")


def _naming(version: Version) -> None:
    with st.popover("Name it" if not version.name else "Rename", type="tertiary"):
        name = st.text_input(
            "Name of this variant", version.name, key=tab().key(f"name.{version.number}"),
            max_chars=flow.MOST_NAME, placeholder="with six blocks",
        )  # fmt: skip
        if not st.button("Keep the name", key=tab().key(f"name.keep.{version.number}")):
            return
        try:
            session = flow.name_version(tab().session, version.number, name or "")
        except DesignError as failure:
            st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
            return
        tab().version += 1
        keep(session)
        st.rerun()


def _compare(rows: Sequence[Version]) -> None:
    st.markdown("#### Compare")
    names = {v.number: f"{v.number}: {v.name or v.message or 'Edit'}" for v in rows}
    numbers = list(names)
    with st.container(horizontal=True):
        old = st.selectbox(
            "From version", numbers, 1, format_func=names.__getitem__, key=tab().key("diff.from")
        )
        new = st.selectbox(
            "To version", numbers, 0, format_func=names.__getitem__, key=tab().key("diff.to")
        )
    at = {v.number: v.content for v in rows}
    found = flow.card_changes(at[old], at[new])
    if not found:
        st.info("These two versions say the same.", icon=":material/equal:")
        return
    with st.grid(min_column_width=260, gap="small"):
        for change in found:
            _change(change)


def _change(change: CardChange) -> None:
    tone, icon = LOOKS[change.kind]
    with st.container(border=True, height="stretch", gap="xsmall"):
        kind = f"{kind_badge(change.part_kind)} " if change.part_kind else ""
        st.markdown(f"{kind}:{tone}-badge[{icon} {fmt.words(change.kind)}]")
        st.markdown(f"**{fmt.plain(change.name)}**")
        for sentence in change.sentences[:MOST_SENTENCES]:
            st.markdown(f"- {fmt.plain(sentence)}")
        if len(change.sentences) > MOST_SENTENCES:
            st.caption(f"and {len(change.sentences) - MOST_SENTENCES} more")


def _variants() -> None:
    found = flow.variants(tab().session)
    st.markdown("#### Variants")
    if len(found) < 2:
        st.caption(
            "Name a version below to keep it as a variant; variants stand here side by side with "
            "their anatomy and power."
        )
        return
    newest = version_rows(tab().session)[0].number
    with st.grid(min_column_width=300, gap="small"):
        for variant in found:
            _variant(variant, is_newest=variant.number == newest)


def _variant(variant: Variant, *, is_newest: bool) -> None:
    size = "not known" if variant.observations is None else f"{variant.observations:,}"
    with st.container(border=True, height="stretch", gap="xsmall", key=f"variant.{variant.number}"):
        st.markdown(f"**{fmt.plain(variant.name)}** · version {variant.number}")
        st.markdown(validity_badge(variant.standing))
        st.caption(f"{class_words(variant.standing.design_class)} · {size} observations")
        rows = [
            {
                "Treatment": fmt.plain(t.name),
                "Error": f"{fmt.plain(t.error)}, {t.error_df:,} d.f." if t.error else "none",
                "Units per level": f"{t.replication:g}" if t.error else "",
                "Power": "not known" if t.power is None else f"{t.power:.0%}",
            }
            for t in variant.treatments
        ]
        if rows:
            small_table(rows, f"Anatomy and power of {variant.name}")
        if not is_newest and st.button(
            "Go on from here", key=tab().key(f"variant.{variant.number}"), type="tertiary",
            icon=":material/fork_right:",
        ):  # fmt: skip
            renew(flow.work_from(tab().session, variant.number))
            st.rerun()
