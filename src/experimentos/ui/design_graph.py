"""The relations of a design as a picture, and as sentences."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.rules.finding import Context
from experimentos.errors import DesignError
from experimentos.flows import design_edits, design_relations
from experimentos.flows.design_relations import Graph, Node, Relation
from experimentos.ui import format as fmt
from experimentos.ui.design_badges import kind_badge
from experimentos.ui.design_state import edit, tab

# White text on each is at least 4.5 to 1; the kind stands in words below every name.
FILLS = {
    "treatment": "#1d5fd0",
    "nuisance": "#5b6472",
    "blocking": "#157347",
    "covariate": "#b45309",
    "response": "#7338c9",
    "unit": "#8a6100",
}
LINES = {"light": "#7d848d", "dark": "#9aa3af"}
INK = {"light": "#141c2b", "dark": "#e8ecf3"}
LABEL_WIDTH = 24
ROW_HEIGHT, LEAST_HEIGHT, MOST_HEIGHT = 74, 260, 620
MANY = 12
# The component writes a title as markup, and opens what came of it in a new tab on a double click.
# A closing tag of nothing comes to nothing, so no tab opens; an empty title would become the key.
NO_TITLE = "</i>"
NEVER_MS = 86_400_000
STATUS = {"to_test": "to be tested", "expected": "expected", "negligible": "taken as none"}


def relations(document: ExperimentDescription, given: Context) -> None:
    """Draw the graph, let a click open a card, and tell the same in sentences."""
    found = design_relations.graph(document, given.table)
    if not found.nodes:
        st.info("There is nothing to relate yet. Add a factor.", icon=":material/hub:")
        return
    clicked = relation_graph(found)
    if clicked and clicked != tab().clicked:
        tab().clicked = clicked
        tab().select(clicked)
        st.rerun()
    kinds = dict.fromkeys(node.kind for node in found.nodes)
    st.markdown(" ".join(kind_badge(kind) for kind in kinds))
    with st.expander("The same in sentences", icon=":material/subject:", expanded=True):
        told = design_relations.sentences(found)
        lines = "\n".join(f"- {fmt.plain(sentence)}" for sentence in told)
        st.markdown(lines or "No relation is known yet.")

    _interactions(document)


def _interactions(document: ExperimentDescription) -> None:
    """Draw what is said of interactions, and the way to say it."""
    names = {f.id: f.name for f in document.factors}
    for known in document.interactions:
        joined = " x ".join(fmt.plain(names.get(i, i)) for i in known.factor_ids)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{joined}: {STATUS[known.status]}", width="stretch")
            if st.button(
                "Remove", key=tab().key(f"interaction.drop.{known.id}"), type="tertiary",
                icon=":material/close:",
            ):  # fmt: skip
                edit(design_edits.remove("interactions", known.id, f"interaction {joined}"))
                st.rerun()
    if len(names) < 2:
        return
    form = st.form(tab().key("interaction"), border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            "Factors that may interact", list(names), format_func=names.__getitem__,
            max_selections=4,
        )  # fmt: skip
        status = st.selectbox(
            "The interaction is", design_edits.STATUSES, format_func=STATUS.__getitem__, width=180
        )
        is_sent = st.form_submit_button("State it", icon=":material/add:")
    if not is_sent:
        return
    try:
        patch = design_edits.interact(document, chosen, status)
    except DesignError as failure:
        st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
        return
    edit(patch)
    st.rerun()


def relation_graph(found: Graph) -> str:
    """Draw a graph from left to right and return the key of the node that was selected, "" if none.

    The picture is the same for the same graph: levels are given and nothing moves by itself. Only
    names go into it, as text on a canvas; titles hold none, because they would be read as markup.
    """
    from streamlit_agraph import Config, Edge, agraph
    from streamlit_agraph import Node as Drawn

    theme = "dark" if st.context.theme.type == "dark" else "light"
    nodes = [Drawn(**_node(node, is_open=node.key == tab().selected)) for node in found.nodes]
    edges = [Edge(**_edge(relation, theme)) for relation in found.relations]
    config = Config()
    # Anything else in it would be echoed into the options of the drawing library as unknown.
    config.__dict__ = _options(found.nodes, is_phone=_is_phone())
    return str(agraph(nodes=nodes, edges=edges, config=config) or "")


def _node(node: Node, *, is_open: bool) -> dict[str, Any]:
    name = fmt.shortened(node.name, LABEL_WIDTH * 2)
    return {
        "id": node.key,
        "title": NO_TITLE,
        "label": f"{name}\n({node.kind})",
        "shape": "ellipse" if node.kind == "unit" else "box",
        "color": FILLS[node.kind],
        "font": {"color": "#ffffff", "size": 15},
        "level": node.level,
        "borderWidth": 4 if is_open else 1,
        "widthConstraint": {"maximum": 190},
        "margin": 9,
    }


def _edge(relation: Relation, theme: str) -> dict[str, Any]:
    is_same_level = relation.source.startswith("factors") and relation.target.startswith("factors")
    has_arrow = relation.kind in {"applied", "nested", "measured", "adjusts", "names"}
    return {
        "source": relation.source,
        "target": relation.target,
        "label": relation.label,
        "color": LINES[theme],
        "dashes": relation.kind in {"nested", "interaction"},
        "arrows": {"to": {"enabled": has_arrow, "scaleFactor": 0.6}},
        "font": {"color": INK[theme], "strokeWidth": 0, "size": 12},
        "smooth": {"enabled": is_same_level, "type": "curvedCW", "roundness": 0.35},
    }


def _is_phone() -> bool:
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def _options(nodes: Sequence[Node], *, is_phone: bool) -> dict[str, Any]:
    """Return the options of the drawing: from left to right, on a phone from top to bottom."""
    rows = max(sum(n.level == level for n in nodes) for level in {n.level for n in nodes})
    height = min(MOST_HEIGHT, max(LEAST_HEIGHT, rows * ROW_HEIGHT + 80))
    height = MOST_HEIGHT if is_phone else height
    return {
        "height": f"{height}px",
        "width": "100%",
        "physics": {"enabled": False},
        "interaction": {
            "zoomView": is_phone or len(nodes) > MANY,
            "dragView": True,
            "hover": False,
            "tooltipDelay": NEVER_MS,
        },
        "layout": {
            "hierarchical": {
                "enabled": True,
                "direction": "UD" if is_phone else "LR",
                "sortMethod": "directed",
                "levelSeparation": 120 if is_phone else 210,
                "nodeSpacing": 150 if is_phone else ROW_HEIGHT,
                "treeSpacing": ROW_HEIGHT,
                "blockShifting": False,
                "parentCentralization": False,
            }
        },
    }
