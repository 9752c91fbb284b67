"""The samples that a tab works on, and their analysis, computed once per question."""

from dataclasses import dataclass

import streamlit as st

from experimentos.errors import StoreError
from experimentos.flows.kept_samples import keep_samples
from experimentos.flows.parquet_apart import samples_apart
from experimentos.flows.samples import ASKED, SampleAnalysis, SampleQuestion, analyze_samples
from experimentos.runs.sample_files import SampleFile, read_samples
from experimentos.ui import access
from experimentos.ui import format as fmt
from experimentos.ui.samples import FOLDER
from experimentos.ui.services import services
from experimentos.ui.state import session

KEY = "samples"


@dataclass(slots=True)
class SampleWork:
    """Samples brought in by this tab.

    Attributes
    ----------
    file : SampleFile
    question : SampleQuestion
    analysis : SampleAnalysis | None
        Of this question; None when the file is blocked or the question is new.
    content : bytes
        Of the file: it can be read again with other columns.
    mapping : dict[str, str]
        Name of the contract to the file's own column.
    """

    file: SampleFile
    content: bytes
    mapping: dict[str, str]
    question: SampleQuestion = ASKED
    analysis: SampleAnalysis | None = None


def work() -> SampleWork | None:
    """Return what this tab works on."""
    found: SampleWork | None = st.session_state.get(KEY)
    return found


def take_samples(
    content: bytes, name: str, mapping: dict[str, str] | None = None, *, is_new: bool = False
) -> None:
    """Make these bytes what this tab works on and draw the page anew.

    Parameters
    ----------
    mapping
        Name of the contract to the file's own column.
    is_new
        Keep them in the workspace: they came from a person's own machine.
    """
    file = read_samples(content, name, mapping=mapping, parquet=samples_apart)
    if is_new and file.samples is not None:
        _keep(content, file, mapping or {})
    st.session_state[KEY] = SampleWork(file, content, mapping or {})
    st.session_state["samples.uploads"] = st.session_state.get("samples.uploads", 0) + 1
    st.rerun()


def _keep(content: bytes, file: SampleFile, mapping: dict[str, str]) -> None:
    """Keep a file; what cannot be kept is analysed all the same, and said."""
    if not access.gate().is_shared:
        return
    try:
        keep_samples(services().store, content, file, mapping)
    except StoreError as failure:
        session().notices.append(fmt.plain(f"The samples are not kept: {failure}"))


def take_example(file: str) -> None:
    """Take one of the sample files of the repository."""
    take_samples((FOLDER / file).read_bytes(), file)


def forget() -> None:
    """Give the samples up."""
    st.session_state.pop(KEY, None)
    st.rerun()


def analysis_of(current: SampleWork, question: SampleQuestion) -> SampleAnalysis:
    """Return the analysis of this question, computed when it is a new one."""
    if current.analysis is None or current.question != question:
        current.analysis = analyze_samples(current.file, question)
        current.question = question
    return current.analysis
