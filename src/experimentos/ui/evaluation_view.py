"""Asking models from the page: a plan, what it will cost, its progress, what came of it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

import streamlit as st

from experimentos.errors import StoreError
from experimentos.issue import Issue, Severity
from experimentos.memo.evaluation_words import (
    dollars,
    estimate_lines,
    evaluated_lines,
    failure_words,
)
from experimentos.ui import access, background
from experimentos.ui import format as fmt
from experimentos.ui.banner import issue_list
from experimentos.ui.endpoint_notice import endpoint
from experimentos.ui.samples_state import take_samples
from experimentos.ui.services import services
from experimentos.wiring import evaluations_of, settings_from_environment

if TYPE_CHECKING:
    from experimentos.flows.evaluations import Progressed
    from experimentos.runs.evaluated import Evaluated
    from experimentos.runs.evaluation import EvaluationPlan
    from experimentos.store.evaluations import StoredEvaluation

DRAFT = "evaluation_draft"
MOST_LISTED = 10
MOST_FAILURES = 20
EXAMPLE = """schema_version: 1
name: capitals
prompt: "What is the capital of {country}? Answer with one word."
scenarios:
  - {id: france, values: {country: France}, target: Paris}
  - {id: peru, values: {country: Peru}, target: Lima}
models:
  - {name: gpt-4o-mini, input_price: 0.15, output_price: 0.6}
samples_per_scenario: 3
scorer: {kind: contains}
generation: {temperature: 0.7, max_tokens: 50}
limits: {concurrency: 4, budget_usd: 1}
"""


@dataclass(frozen=True, slots=True)
class Finished:
    """What a job of asking hands back to the page."""

    stored: StoredEvaluation
    evaluated: Evaluated


def ask_models() -> None:
    """Draw the folded section; while it is folded it reads nothing."""
    box = st.expander(
        "Ask models: prompts, several samples each, scored and kept",
        icon=":material/forum:", key="ask", on_change="rerun",
    )  # fmt: skip
    if not box.open:
        return
    with box:
        if not access.gate().is_shared:
            st.info(
                "On a public server no model is asked: its calls would cost the owner. Install "
                "ExperimentOS yourself, or bring in samples from a file.",
                icon=":material/lock:",
            )
            return
        _plan_and_start()
        _earlier()


def _plan_and_start() -> None:
    from experimentos.runs.evaluation import estimate, read_evaluation

    text = _plan_text()
    found = read_evaluation(text.encode(), "plan.yaml")
    if found.plan is None:
        _cannot(found.issues)
        return
    size = estimate(found.plan)
    with st.grid(min_column_width=150):
        st.metric("Calls", f"{size.calls:,}")
        st.metric("Scenarios", f"{size.scenarios:,}")
        st.metric("Prompt tokens, about", f"{size.tokens_in:,}")
        st.metric("Cost, at most", dollars(size.cost_most))
    with st.expander("What these figures mean", icon=":material/info:"):
        for line in estimate_lines(size):
            st.markdown(f"- {fmt.plain(line)}")
    issue_list(found.issues)
    _start(found.plan, f"Ask: {size.calls:,} calls, at most {dollars(size.cost_most)}")


def _plan_text() -> str:
    """Draw the plan; it is kept as it is typed, and is there again in the next tab."""
    from experimentos.store.port import Query, new_record

    store = services().store
    kept = next(iter(store.find(Query(DRAFT, limit=1))), None)
    seed = EXAMPLE if kept is None else str(kept.body.get("text", EXAMPLE))
    text: str = st.text_area(
        "Plan (YAML)", seed, height=300, key="ask.plan", persist_state="session", max_chars=200_000,
        help="Prompt, scenarios, models, scorer and limits: docs/evaluations.md has every field.",
    )  # fmt: skip
    if text != seed:
        blank = new_record(DRAFT, "Plan of an evaluation", {})
        store.save(replace(kept or blank, body={"text": text}))
    return text


def _cannot(issues: tuple[Issue, ...]) -> None:
    is_unreadable = any(issue.severity is Severity.UNREADABLE for issue in issues)
    with st.container(border=True):
        st.markdown("**This plan cannot be read**" if is_unreadable else "**Not yet a plan**")
        issue_list(issues)


def _start(plan: EvaluationPlan, label: str) -> None:
    from experimentos.flows.evaluations import begin_or_go_on, unfinished

    if plan.scorer.kind == "function":
        st.info(
            "A scoring function is your own code: run this plan from the command line with "
            "`experimentos samples evaluate`.",
            icon=":material/terminal:",
        )
        return
    settings = endpoint()
    if settings is None:
        return
    folder = evaluations_of(settings_from_environment())
    begun = unfinished(folder, plan)
    if begun is not None and _running(begun.stored):
        st.caption("This plan is being asked just now; its progress is below.")
        return
    if begun is not None:
        answered = fmt.plural(begun.evaluated.scored, "answer is", "answers are")
        st.caption(f"{answered} there already: asking goes on from there.")
    st.caption(f"The prompts are sent to {fmt.plain(settings.host)}.")
    if st.button(label.replace("$", r"\$"), key="ask.start", icon=":material/play_arrow:"):
        _ask(begin_or_go_on(folder, plan, fresh=False), plan)


def _running(stored: StoredEvaluation) -> bool:
    """Return whether this process is asking for an evaluation just now."""
    job = background.board().find(_key(stored))
    return job is not None and not job.is_over


def _ask(stored: StoredEvaluation, plan: EvaluationPlan) -> None:
    store = services().store

    def work(report: background.Progress) -> Finished:
        from experimentos.flows.evaluations import run_evaluation, save_evaluation
        from experimentos.wiring import open_completer

        with closing(open_completer()) as completer:
            evaluated = run_evaluation(stored, plan, completer, report=report)
        save_evaluation(store, stored, evaluated)
        return Finished(stored, evaluated)

    background.board().start(_key(stored), work)
    st.rerun()


def _key(stored: StoredEvaluation) -> str:
    return f"evaluation.{stored.id}"


def _earlier() -> None:
    """List the evaluations of this workspace, the last one first."""
    from experimentos.flows.evaluations import list_evaluations

    found = list_evaluations(evaluations_of(settings_from_environment()))
    if found:
        st.markdown("**Asked in this workspace**")
    for one in sorted(found, key=attrgetter("last_written"), reverse=True)[:MOST_LISTED]:
        _row(one)


def _row(one: Progressed) -> None:
    evaluated, key = one.evaluated, one.stored.id
    job = background.board().find(_key(one.stored))
    with st.container(border=True):
        st.markdown(f"**{fmt.plain(evaluated.plan.name)}** · `{key}`")
        st.caption(fmt.plain(" ".join(evaluated_lines(evaluated))))
        if _running(one.stored):
            background.progress(_key(one.stored), "Asking")
            return
        if job is not None and job.failure:
            st.warning(fmt.plain(job.failure))
        with st.container(horizontal=True, gap="small"):
            if evaluated.scored and st.button(
                "Analyse", key=f"ask.open.{key}", icon=":material/query_stats:"
            ):
                _open(evaluated)
            if one.is_of_run:
                st.caption("Of a run of an experiment; it is resumed under Projects.")
            elif not one.is_complete and st.button(
                "Go on", key=f"ask.on.{key}", icon=":material/play_arrow:"
            ):
                _ask(one.stored, evaluated.plan)
        if evaluated.failures:
            _failures(evaluated)


def _open(evaluated: Evaluated) -> None:
    from experimentos.runs.evaluated import samples_jsonl

    try:
        take_samples(samples_jsonl(evaluated), f"{evaluated.plan.name}.jsonl")
    except StoreError as failure:
        st.warning(fmt.plain(failure.message))


def _failures(evaluated: Evaluated) -> None:
    failed = [sample for sample in evaluated.samples if sample.failure]
    with st.expander(fmt.plural(len(failed), "sample failed", "samples failed")):
        for sample in failed[:MOST_FAILURES]:
            place = f"{sample.scenario}, {sample.model}, sample {sample.sample_index}"
            what = f"{failure_words(sample.failure)}. {sample.why}"
            st.markdown(f"- **{fmt.plain(place)}**: {fmt.plain(fmt.shortened(what, 400))}")
        if len(failed) > MOST_FAILURES:
            st.caption(f"and {len(failed) - MOST_FAILURES:,} more")
