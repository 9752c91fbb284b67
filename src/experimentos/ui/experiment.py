"""The experiment of this tab: its bytes, and its way from file to decision, computed once."""

from dataclasses import replace

import streamlit as st

from experimentos.analysis.result import Analysis as Analysis
from experimentos.flows.ab_test import AbTest as AbTest
from experimentos.flows.ab_test import run
from experimentos.flows.drafts import Draft
from experimentos.ids import canonical_json
from experimentos.plan.charter import Charter
from experimentos.ui.services import services
from experimentos.ui.state import session

# Text that is written about an experiment and never enters a computation.
_PROSE = {"title": "", "hypothesis": "", "owner": "", "notes": ""}


@st.cache_resource(max_entries=32, show_spinner=False)
def content_of(sha256: str) -> bytes:
    """Return the bytes of an input; the same hash is the same bytes for everyone."""
    return services().store.artefact(sha256)


@st.cache_resource(max_entries=64, show_spinner=False)
def _run(sha256: str, name: str, mapping: tuple[tuple[str, str], ...], plan: str) -> AbTest:
    charter = Charter.model_validate_json(plan)
    return run(content_of(sha256), name, charter, mapping=dict(mapping))


def of(draft: Draft) -> AbTest | None:
    """Return the draft's experiment from file to decision, or None before there are results."""
    if draft.input_sha256 is None:
        return None
    plan = draft.charter.model_copy(update=_PROSE)
    mapping = tuple(sorted(draft.mapping.items()))
    computed = _run(draft.input_sha256, draft.file_name, mapping, plan.model_dump_json())
    return replace(computed, charter=draft.charter)


def current() -> AbTest | None:
    """Return this tab's experiment, or None before there are results."""
    return of(session().draft)


def fingerprint(draft: Draft) -> str:
    """Return a text that is equal for two drafts with the same memo and no others."""
    mapping = canonical_json(draft.mapping).decode()
    plan = draft.charter.model_dump_json()
    return f"{draft.input_sha256} {draft.file_name!r} {mapping} {plan}"
