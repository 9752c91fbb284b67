"""A description, and what was read from it with the words it came from."""

from dataclasses import dataclass

import streamlit as st

from experimentos.design.names import family_words
from experimentos.design.parse.draft import Draft, DraftFactor, DraftResponse, Question
from experimentos.flows import design_reading as reading
from experimentos.flows.design_rereading import with_text
from experimentos.flows.design_session import TEXT_LIMIT, take_over
from experimentos.ui import format as fmt
from experimentos.ui.design_badges import TONES, kind_badge, level_line
from experimentos.ui.design_proposal import draw_confidence, on_colours
from experimentos.ui.design_second_reading import read_draft
from experimentos.ui.design_state import keep, keep_fields, renew, tab


@dataclass(frozen=True, slots=True)
class Example:
    """A description to begin with."""

    name: str
    icon: str
    text: str


EXAMPLES = (
    Example(
        "A field trial",
        ":material/grass:",
        "We compare four wheat varieties (Axis, Bolt, Cedar and Delta) in a field trial with six "
        "blocks. Within each block the varieties are randomly assigned to plots. "
        "The response is grain yield in t/ha, measured on each plot.",
    ),
    Example(
        "Doses in a plate",
        ":material/science:",
        "We test a compound at 0, 1, 10 and 100 uM on two cell lines (HeLa and A549). Each "
        "combination is repeated in 6 wells of a 96-well plate and wells are randomised. "
        "We measure cell viability after 48 h.",
    ),
    Example(
        "Diets of mice",
        ":material/pets:",
        "Thirty mice are randomly assigned to one of three diets: control, high fat or high sugar. "
        "Mice are fed for 8 weeks. The primary outcome is body weight in g. Baseline weight is "
        "recorded as a covariate.",
    ),
)


def describe() -> None:
    """Draw the description with its examples, and what was read from it once it was."""
    session = tab().session
    text = st.text_area(
        "Describe your experiment", session.text, height=180, max_chars=TEXT_LIMIT,
        key=tab().key("text"), persist_state="session",
        placeholder="What do you change, on what, how many of them, and what do you measure?",
    )  # fmt: skip
    typed = text or ""
    if typed != session.text:
        keep(with_text(session, typed))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Read it", type="primary", icon=":material/auto_stories:", key="design.read",
            disabled=not typed.strip(),
        ):  # fmt: skip
            keep_fields(is_read=True)
            st.rerun()
        st.caption(f"{fmt.plural(len(typed), 'character')} of {TEXT_LIMIT:,}")
    if not typed.strip() or typed in {e.text for e in EXAMPLES}:
        _examples()
    if tab().session.is_read and typed.strip():
        _preview()


def _examples() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Or begin with an example:", width="content")
        for example in EXAMPLES:
            if st.button(example.name, key=f"design.example.{example.name}", icon=example.icon):
                tab().version += 1
                keep_fields(text=example.text, is_read=True, answers={})
                st.rerun()


def _preview() -> None:
    st.subheader("What was read", anchor=False)
    st.caption("Nothing is used before you say so. Correct what is wrong here or on the cards.")
    draft = read_draft()
    session = tab().session
    if draft.factors or draft.responses:
        with st.container(border=True):
            st.markdown(_marked(draft))
    if not draft.factors:
        st.info(
            "No factor was read from these words. Say what you change and between which levels, as "
            "in: the rats get one of two diets (old, new).",
            icon=":material/tips_and_updates:",
        )
    answers: dict[str, str] = {}
    with st.grid(min_column_width=300, gap="small"):
        for name, factor in zip(reading.names(draft.factors), draft.factors, strict=True):
            _factor_card(draft, name, factor, answers)
        for response in draft.responses:
            _response_card(response)
    _open_questions(draft, answers)
    if answers != session.answers:
        keep_fields(answers=answers)
        st.rerun()
    _use(draft)


def _use(draft: Draft) -> None:
    session = tab().session
    left = reading.answered(draft, session.answers).questions
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Use this design", type="primary", icon=":material/check:", key="design.use"):
            document = reading.taken_over(
                draft, session.answers, title=session.title, text=session.text
            )
            renew(take_over(session, document))
            st.rerun()
        if left:
            st.caption(f"{fmt.plural(len(left), 'question')} can stay open until later.")


def _marked(draft: Draft) -> str:
    """Return the description as Markdown, what was read from it on the colour of its kind."""
    session = tab().session
    passages = reading.passages(session.text, draft, session.answers)
    return on_colours((p.text, TONES[p.kind][0] if p.kind else "") for p in passages)


def _factor_card(draft: Draft, name: str, factor: DraftFactor, answers: dict[str, str]) -> None:
    known = tab().session.answers.get(reading.kind_key(name), "")
    with st.container(border=True, height="stretch", gap="xsmall", key=f"design.read.{name}"):
        st.markdown(f"{kind_badge(known or factor.kind)} **{fmt.plain(factor.name)}**")
        st.markdown(_draft_levels(factor))
        _words(factor)
        asked = next((q for q in draft.questions if q.about == factor.name), None)
        if asked and asked.answers and reading.kind_of_answer(asked.answers[0]):
            _ask_kind(asked, name, known, answers)
        else:
            _choose_kind(name, factor, known, answers)
        if asked and factor.levels and "\n" in "".join(asked.answers):
            _ask_levels(asked, name, answers)
        if factor.kind == "treatment" and not factor.levels:
            levels = _text(reading.levels_key(name), "Its levels, with commas between them")
            if levels:
                answers[reading.levels_key(name)] = levels


def _draft_levels(factor: DraftFactor) -> str:
    if factor.kind == "covariate" and not factor.levels:
        return f"recorded in {fmt.plain(factor.unit)}" if factor.unit else "recorded"
    return level_line(factor.levels, factor.unit, factor.n_levels)


def _response_card(response: DraftResponse) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"{kind_badge('response')} **{fmt.plain(response.name)}**")
        st.markdown(f"modelled as {family_words(response.family)}")
        _words(response)


def _words(said: DraftFactor | DraftResponse) -> None:
    st.caption(f"“{fmt.plain(fmt.shortened(said.evidence.quote, 160))}”")
    draw_confidence(said.confidence)


def _ask_kind(asked: Question, name: str, known: str, answers: dict[str, str]) -> None:
    by_kind = {reading.kind_of_answer(answer): answer for answer in asked.answers}
    chosen = st.pills(
        fmt.plain(asked.text), asked.answers, default=by_kind.get(known),
        key=tab().key(reading.kind_key(name)), persist_state="session",
    )  # fmt: skip
    if chosen:
        answers[reading.kind_key(name)] = reading.kind_of_answer(chosen)


def _ask_levels(asked: Question, about: str, answers: dict[str, str]) -> None:
    """Draw two lists of levels to choose from, where two readers differ."""
    name = reading.levels_key(about)
    known = tab().session.answers.get(name)
    chosen = st.radio(
        fmt.plain(asked.text), asked.answers, key=tab().key(name), persist_state="session",
        index=asked.answers.index(known) if known in asked.answers else None,
        format_func=lambda levels: fmt.plain(", ".join(levels.split("\n"))),
    )  # fmt: skip
    if chosen:
        answers[name] = chosen


def _choose_kind(name: str, factor: DraftFactor, known: str, answers: dict[str, str]) -> None:
    options = (*reading.KINDS, reading.LEFT_OUT)
    chosen = st.selectbox(
        f"Kind of {fmt.plain(factor.name)}", options, index=options.index(known or factor.kind),
        format_func=fmt.words, key=tab().key(reading.kind_key(name)),
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    if chosen != factor.kind:
        answers[reading.kind_key(name)] = str(chosen)


def _open_questions(draft: Draft, answers: dict[str, str]) -> None:
    asked = {q.about: q for q in draft.questions}
    known = [a for a in ("response", reading.REPLICATES, reading.UNIT, "treatment") if a in asked]
    if not known:
        return
    st.markdown("#### Open questions")
    for about in known:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f":material/contact_support: {fmt.plain(asked[about].text)}")
            _ask(about, asked[about], answers)


def _ask(about: str, asked: Question, answers: dict[str, str]) -> None:
    match about:
        case "response":
            given = {
                reading.RESPONSE_NAME: _text(reading.RESPONSE_NAME, "What is measured"),
                reading.RESPONSE_FORM: _quick(reading.RESPONSE_FORM, "Its form", asked.answers),
            }
        case reading.REPLICATES:
            given = {about: _quick(about, "Independent units per treatment", asked.answers)}
        case reading.UNIT:
            given = {about: _text(about, "What receives one treatment (plot, patient, well)")}
        case _:
            st.caption("Add it on the next screen.")
            given = {}
    answers |= {name: answer for name, answer in given.items() if answer}


def _text(name: str, label: str) -> str:
    known = tab().session.answers.get(name, "")
    typed = st.text_input(label, known, key=tab().key(name), max_chars=500, persist_state="session")
    return (typed or "").strip()


def _quick(name: str, label: str, options: tuple[str, ...]) -> str:
    known = tab().session.answers.get(name, "")
    default = known if known in options else None
    chosen = st.pills(label, options, default=default, key=tab().key(name), persist_state="session")
    return chosen or ""
