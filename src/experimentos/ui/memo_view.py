"""The memo of this tab's experiment: preview, downloads and its place in the history."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from experimentos.errors import NotFound
from experimentos.flows import history
from experimentos.flows.ab_test import AbTest
from experimentos.flows.drafts import draft_input
from experimentos.flows.report import analyze_report
from experimentos.memo.decision_memo import decision_memo
from experimentos.memo.document import Document
from experimentos.memo.exports import download_name
from experimentos.memo.html import render_html
from experimentos.memo.markdown import render_markdown
from experimentos.memo.subject import MemoFacts
from experimentos.store.port import Record
from experimentos.ui import experiment
from experimentos.ui.access import while_admitted
from experimentos.ui.services import services
from experimentos.ui.state import RUN_ID, change, new_id, session

PREVIEW_HEIGHT = 900


@dataclass(frozen=True, slots=True)
class Memo:
    """One memo in its forms: what is previewed is what is downloaded and saved."""

    run_id: str
    markdown: str
    html: str
    document: Document

    def pdf(self) -> bytes:
        """Return the memo as a PDF, drawn when it is asked for."""
        from experimentos.memo.pdf import render_pdf

        return render_pdf(self.document)


def written(test: AbTest) -> Memo:
    """Return the memo of an experiment; the same text is the same bytes."""
    draft = session().draft
    run_id = draft.analysis_id or str(draft.page.get(RUN_ID, ""))
    if not run_id:
        run_id = new_id()
        change(page={**draft.page, RUN_ID: run_id})
    return _rendered(experiment.fingerprint(draft), run_id, test)


def renewed(test: AbTest) -> Memo:
    """Return the memo under a new id, for an entry of its own."""
    change(analysis_id="", page={**session().draft.page, RUN_ID: new_id()})
    return written(test)


@st.cache_resource(max_entries=32, show_spinner=False)
def _rendered(fingerprint: str, run_id: str, _test: AbTest) -> Memo:  # noqa: ARG001 - a cache key
    facts = MemoFacts(
        made_at=datetime.now(UTC),
        run_id=run_id,
        command=f"experimentos history rerun {run_id}",
        versions=history.versions(),
    )
    document = decision_memo(_test, facts=facts)
    return Memo(run_id, render_markdown(document), render_html(document), document)


def preview(memo: Memo) -> None:
    """Draw the downloadable page itself, in a frame of its own without an origin.

    A data address has an opaque origin, and the page's own policy forbids scripts and requests.
    """
    page, text = st.tabs(
        [":material/article: Page", ":material/markdown: Markdown"],
        key="memo.tabs",
        on_change="rerun",
    )
    if page.open:
        encoded = base64.b64encode(memo.html.encode()).decode()
        with page, st.container(border=True):
            st.iframe(
                f"data:text/html;charset=utf-8;base64,{encoded}",
                height=PREVIEW_HEIGHT,
                alt="Preview of the decision memo",
            )
    if text.open:
        with text:
            st.code(memo.markdown, language="markdown", wrap_lines=True, height=PREVIEW_HEIGHT)


def downloads(memo: Memo, test: AbTest) -> None:
    """Draw a button per form."""
    title = test.charter.title or test.reading.name
    forms = (
        ("HTML", memo.html, "html", "text/html"),
        ("PDF", while_admitted(memo.pdf), "pdf", "application/pdf"),
        ("Markdown", memo.markdown, "md", "text/markdown"),
        (
            "JSON",
            while_admitted(lambda: json.dumps(analyze_report(test), indent=1)),
            "json",
            "application/json",
        ),
    )
    for label, content, extension, mime in forms:
        st.download_button(
            label,
            content,
            download_name(title, memo.run_id, extension),
            mime,
            key=f"memo.{extension}",
            icon=":material/download:",
            on_click="ignore",
        )


def saved_record() -> Record | None:
    """Return what the history holds of this draft, None before it was saved."""
    analysis_id = session().draft.analysis_id
    if not analysis_id:
        return None
    try:
        return services().store.load(history.ANALYSIS, analysis_id)
    except NotFound:
        return None


def save(memo: Memo, test: AbTest, *, over: Record | None) -> None:
    """Save the analysis with its memo: as a new entry, or over the one it came from."""
    store, draft = services().store, session().draft
    content = draft_input(store, draft)
    if content is None:
        return
    record = history.save_analysis(
        store,
        test,
        content,
        title=test.charter.title or test.reading.name,
        memo_markdown=memo.markdown,
        memo_html=memo.html,
        mapping=draft.mapping,
        id=memo.run_id,
        revision=over.revision if over else 0,
    )
    change(analysis_id=record.id)
