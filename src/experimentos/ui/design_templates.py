"""Designs to begin with: a gallery with categories, use and stars; one's own are kept beside."""

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.errors import DesignError
from experimentos.flows import design_templates as flow
from experimentos.flows.design_session import take_over
from experimentos.flows.design_templates import Offer
from experimentos.ui import format as fmt
from experimentos.ui.design_state import keep, tab, work_on
from experimentos.ui.services import services


def begin_box() -> None:
    """Draw the ways to begin without a description: from nothing, or from a template."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Without a description:", width="content")
        if st.button("Start from scratch", key="design.blank", icon=":material/add:"):
            work_on()
            keep(take_over(tab().session, ExperimentDescription(), message="From scratch"))
            st.rerun()
    box = st.expander(
        "Begin with a template", icon=":material/dashboard:", key="design.gallery",
        on_change="rerun",
    )  # fmt: skip
    if box.open:
        with box:
            _gallery()


def _gallery() -> None:
    known = flow.offers(services().store)
    categories = list(dict.fromkeys(sorted(o.template.category for o in known)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.pills(
            "Category", categories, key="design.template.category", format_func=fmt.words
        )
        text = st.text_input("Find a template", key="design.template.find", width=240)
    wanted = [o for o in known if _fits(o, str(chosen or ""), text or "")]
    if not wanted:
        st.caption("No template matches.")
    with st.grid(min_column_width=280, gap="small"):
        for offer in wanted:
            _offer(offer)


def _fits(offer: Offer, category: str, text: str) -> bool:
    template = offer.template
    whole = f"{template.design.title} {template.about} {template.category}".casefold()
    is_kind = not category or template.category == category
    return is_kind and all(word in whole for word in text.casefold().split())


def _offer(offer: Offer) -> None:
    template = offer.template
    with st.container(border=True, height="stretch", gap="xsmall", key=f"template.{template.name}"):
        own = " :violet-badge[:material/person: Own]" if offer.record_id else ""
        st.markdown(f":gray-badge[{fmt.plain(fmt.words(template.category))}]{own}")
        st.markdown(f"**{fmt.plain(template.design.title)}**")
        st.caption(fmt.plain(template.about))
        st.caption(f"Used {fmt.plural(offer.uses, 'time')}")
        stars = st.feedback(
            "stars", default=offer.stars - 1 if offer.stars else None,
            key=f"design.template.stars.{template.name}",
        )  # fmt: skip
        if stars is not None and stars + 1 != offer.stars:
            flow.rate(services().store, template, stars + 1)
            st.rerun()
        with st.container(horizontal=True):
            if st.button("Use it", key=f"template.use.{template.name}", icon=":material/check:"):
                work_on()
                keep(flow.begin_from(services().store, tab().session, template))
                st.rerun()
            if offer.record_id and st.button(
                "Delete", key=f"template.drop.{template.name}", type="tertiary",
                icon=":material/delete:",
            ):  # fmt: skip
                flow.drop_template(services().store, offer)
                st.rerun()


def keep_box(document: ExperimentDescription) -> None:
    """Draw the way to keep a design as a template of one's own."""
    with st.expander("Keep it as a template", icon=":material/dashboard_customize:"):
        with st.form(tab().key("template.keep"), border=False):
            category = st.text_input("Category", flow.OWN_CATEGORY, max_chars=200)
            about = st.text_input(
                "What it is for", max_chars=1_000, placeholder="Our yearly variety trial"
            )
            is_sent = st.form_submit_button("Keep as a template", icon=":material/check:")
        if not is_sent:
            return
        try:
            made = flow.keep_template(
                services().store, document, category=category or "", about=about or ""
            )
        except DesignError as failure:
            st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
            return
        st.success(
            f"{fmt.plain(made.design.title)} is among the templates now.", icon=":material/check:"
        )
