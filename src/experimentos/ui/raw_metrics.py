"""The metrics of raw rows: a form and the YAML of the same file, each changing the other."""

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from experimentos.engine.columns import SourceColumns
from experimentos.engine.expression import Column, Type, describe
from experimentos.engine.need import wanted_of
from experimentos.engine.spec import MAY, MUST, MetricsFile, MetricSpec, read_metrics
from experimentos.errors import ContractError
from experimentos.flows.raw_metrics import Suggested, entries_of, write_entries, write_metrics
from experimentos.flows.raw_rows import Look, window_of
from experimentos.issue import Issue
from experimentos.ui import format as fmt
from experimentos.ui.raw_state import RawChoice, choose
from experimentos.ui.state import session

type Entry = dict[str, object]

KINDS = {
    "conversion": "Rate",
    "mean": "Mean",
    "ratio": "Ratio",
    "adjusted": "Mean, adjusted",
    "count": "Rows per unit",
    "retention": "Retention",
    "quantile": "Quantile",
}
KINDS_HELP = """
**Rate**: the share of units for which something is true.\n
**Mean**: the sum over a unit's rows, averaged over units.\n
**Ratio**: two such sums, divided over all units.\n
**Mean, adjusted**: with a covariate from before the experiment (CUPED).\n
**Rows per unit**: how many rows a unit has.\n
**Retention**: the unit came back within so many days.\n
**Quantile**: of the units' sums, such as the median.
"""
WAYS = {"higher": "Higher is better", "lower": "Lower is better"}
NULLS = {"exclude": "Leave the unit out, and warn", "zero": "Count it as 0"}
# How an issue names an entry, and a field of it.
NUMBERED = re.compile(r"\bmetrics\.(\d+)(?:\.(\w+))?")
EXPRESSION = "An expression …"
# Fields of the form that are text in the grammar of expressions, with an example.
TEXTS = {
    "expression": ("Expression", "orders > 0"),
    "numerator": ("Numerator", "amount - refunds"),
    "denominator": ("Denominator", "orders + returns"),
    "covariate": ("Covariate, from before", "spend_before / visits_before"),
}
NUMBERS = {"days": ("Days", "7"), "quantile": ("Quantile", "0.9")}
PARTS = ("column", *TEXTS, *NUMBERS)
IN_FORM = {"name", "kind", "direction", "filter", "nulls", "winsorise", *PARTS}


def metrics_section(now: RawChoice, look: Look, guess: Suggested) -> MetricsFile | None:
    """Draw the metrics; return the file when nothing is wrong with it."""
    st.markdown("**What to measure**")
    entries = entries_of(now.metrics) if now.metrics else []
    if entries is None:
        st.caption("The YAML below is no list of metrics yet; the form comes back when it is.")
    elif entries:
        st.caption("The first metric is the primary one; other rates become guardrails.")
        _form(now, entries, look.there)
    else:
        st.caption("Choose what the experiment is about first: it becomes the primary metric.")
    if entries is not None:
        _add(now, entries, guess)
    _yaml(now)
    return _checked(now, look.there) if now.metrics else None


def _checked(now: RawChoice, there: SourceColumns) -> MetricsFile | None:
    found = read_metrics(now.metrics.encode(), "metrics.yaml")
    if not isinstance(found, MetricsFile):
        _tell(_spoken(found, now.metrics))
        return None
    wrong = []
    for metric in found.metrics:
        try:
            wanted_of(metric, there, window_of(now.roles))
        except ContractError as error:
            wrong.append((f"{metric.name}: {error.message}", error.hint or ""))
    if wrong:
        _tell(wrong)
        return None
    return found


def _tell(wrong: Sequence[tuple[str, str]]) -> None:
    st.warning(
        "\n".join(f"- {fmt.plain(what)} {fmt.plain(fix)}" for what, fix in wrong[:8]),
        title="The metrics need a correction",
        icon=":material/rule:",
    )


def _spoken(issues: Sequence[Issue], text: str) -> list[tuple[str, str]]:
    """Return what is wrong and what to do, with the name of a metric instead of its number."""
    entries = entries_of(text) or []

    def named(found: re.Match[str]) -> str:
        place = int(found[1])
        name = entries[place].get("name") if place < len(entries) else None
        metric = str(name or f"metric {place + 1}")
        return f"{metric}, {found[2]}" if found[2] else metric

    said = []
    for issue in issues:
        # "Correct spend." says nothing that the message does not.
        fix = "" if issue.fix.startswith("Correct ") else issue.fix
        said.append(tuple(NUMBERED.sub(named, part) for part in (issue.message, fix)))
    return [(what, fix) for what, fix in said]


def _add(now: RawChoice, entries: Sequence[Entry], guess: Suggested) -> None:
    known = {str(entry.get("name")) for entry in entries}
    fresh = [metric for metric in guess.metrics if metric.name not in known]
    with st.container(horizontal=True, gap="small"):
        for metric in fresh[:8]:
            if st.button(
                f"{metric.name}", key=f"raw.add.{metric.name}", icon=":material/add:",
                help=f"{KINDS[metric.kind]}, from the column {fmt.plain(metric.column or '')}",
            ):  # fmt: skip
                _changed(now, [*entries, _entry(metric)])
        if st.button("Another metric", key="raw.add", icon=":material/playlist_add:"):
            name = next(n for i in range(1, 999) if (n := f"metric_{i}") not in known)
            _changed(now, [*entries, {"name": name, "kind": "mean"}])


def _entry(metric: MetricSpec) -> Entry:
    return (entries_of(write_metrics(MetricsFile(metrics=(metric,)))) or [])[0]


def _form(now: RawChoice, entries: list[Entry], there: SourceColumns) -> None:
    drawn = []
    for place, entry in enumerate(entries):
        with st.container(border=True, gap="small"):
            found = _metric(now, entry, place, there)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                drawn.append(_tidy(_more(found, entry, _key(now, place)), entry))
                _actions(now, entries, place)
            _told(entry)
    if drawn != entries:
        choose(metrics=write_entries(drawn, now.metrics))
        st.rerun()


def _metric(now: RawChoice, entry: Entry, place: int, there: SourceColumns) -> Entry:
    key = _key(now, place)
    found = dict(entry)
    with st.grid(min_column_width=160, gap="small"):
        found["name"] = _text("Name", entry, "name", key)
        kinds = [kind for kind in KINDS if kind in MUST]
        found["kind"] = _choice("Kind", kinds, entry.get("kind"), key, KINDS, KINDS_HELP)
        allowed = _allowed(str(found["kind"]))
        if "column" in allowed:
            _column(found, there, key)
        for name in [name for name in TEXTS if name in allowed and name != "expression"]:
            if name != "covariate" or found["kind"] == "adjusted":
                found[name] = _part(name, entry, there, key)
        for name in [name for name in NUMBERS if name in allowed]:
            if name != "days" or not (found.get("column") or found.get("expression")):
                label, example = NUMBERS[name]
                found[name] = _text(label, entry, name, key, example)
        found["direction"] = _choice("Good is", list(WAYS), entry.get("direction"), key, WAYS)
    return found


def _more(found: Entry, entry: Entry, key: str) -> Entry:
    with st.popover("More", icon=":material/tune:", type="tertiary"):
        found["filter"] = _text("Only rows where", entry, "filter", key, "status = 'paid'")
        found["nulls"] = _choice("No value means", list(NULLS), entry.get("nulls"), key, NULLS)
        if found["kind"] not in ("conversion", "retention", "quantile"):
            _winsorise(found, entry, key)
    return found


def _told(entry: Entry) -> None:
    """Say what the fold holds, and what only the YAML can change."""
    parts = []
    if entry.get("filter"):
        parts.append(f"only rows where {entry['filter']}")
    if entry.get("nulls") == "zero":
        parts.append("no value counts as 0")
    cap = entry.get("winsorise")
    if isinstance(cap, Mapping):
        parts += [f"capped at {word} {value}" for word, value in cap.items()]
    beyond = sorted(set(entry) - IN_FORM)
    if beyond:
        parts.append(f"{fmt.listed(beyond)} as the YAML has it")
    if parts:
        text = "; ".join(parts)
        st.caption(fmt.plain(text[:1].upper() + text[1:] + "."))


def _key(now: RawChoice, place: int) -> str:
    return session().key(f"raw.metric.{now.edition}.{place}")


def _allowed(kind: str) -> set[str]:
    needed = {part for choices in MUST.get(kind, ()) for part in choices}
    return needed | set(MAY.get(kind, ()))


def _column(found: Entry, there: SourceColumns, key: str) -> None:
    fitting = [
        name
        for name, kind in there.types.items()
        if kind is Type.BOOLEAN or kind is Type.NUMBER or found["kind"] == "count"
    ]
    none = "Every row" if found["kind"] == "count" else "Choose a column"
    if found["kind"] == "retention":
        none = "From the dates of rows"
    column = found.get("column")
    options = [none, *fitting, EXPRESSION]
    if isinstance(column, str) and column not in options:
        options.insert(1, column)
    value = EXPRESSION if "expression" in found else (str(column) if column else none)
    picked = st.selectbox(
        "Column", options, index=options.index(value), key=f"{key}.column",
        persist_state="session",
        format_func=lambda name: _typed(name, there),
    )  # fmt: skip
    found["column"] = None if picked in (none, EXPRESSION) else picked
    if picked == EXPRESSION:
        label, example = TEXTS["expression"]
        found["expression"] = _text(label, found, "expression", key, example, must=True)
    else:
        found.pop("expression", None)


def _part(name: str, entry: Entry, there: SourceColumns, key: str) -> str | None:
    """Return a part that is a column or an expression, chosen or typed."""
    label, example = TEXTS[name]
    options = [describe(Column(n)) for n, kind in there.types.items() if kind is Type.NUMBER]
    held = entry.get(name)
    if isinstance(held, str) and held and held not in options:
        options.insert(0, held)
    found: str | None = st.selectbox(
        label, options, index=options.index(held) if isinstance(held, str) and held else None,
        key=f"{key}.{name}", persist_state="session", accept_new_options=True,
        placeholder="Choose or type", help=f"A column, or an expression such as {example}.",
    )  # fmt: skip
    return (found or "").strip() or None


def _typed(name: str, there: SourceColumns) -> str:
    return f"{name} ({there.types[name]})" if name in there.types else name


def _winsorise(found: Entry, entry: Entry, key: str) -> None:
    held = entry.get("winsorise")
    held = held if isinstance(held, Mapping) else {}
    cap = _text("Values above this count as it", held, "cap", f"{key}.w", "500")
    quantile = _text("… or above this quantile of all units", held, "quantile", f"{key}.w", "0.999")
    given = {name: value for name, value in (("cap", cap), ("quantile", quantile)) if value}
    found["winsorise"] = given or None


def _text(
    label: str, entry: Mapping[str, object], name: str, key: str, example: str = "", *,
    must: bool = False,
) -> str | None:  # fmt: skip
    held = entry.get(name)
    value = "" if held is None else str(held)
    typed = st.text_input(
        label, value=value, key=f"{key}.{name}", persist_state="session",
        placeholder=f"such as {example}" if example else "",
    )  # fmt: skip
    return (typed or "").strip() or ("" if must else None)


def _choice(
    label: str, options: list[str], held: object, key: str, titles: Mapping[str, str],
    help: str | None = None,  # noqa: A002 - streamlit's name
) -> str:  # fmt: skip
    place = options.index(held) if isinstance(held, str) and held in options else 0
    found = st.selectbox(
        label, options, index=place, key=f"{key}.{label}", persist_state="session",
        format_func=lambda name: titles[name], help=help,
    )  # fmt: skip
    return found or options[place]


def _tidy(found: Entry, entry: Entry) -> Entry:
    """Return the entry without what its kind cannot have and what says nothing; order kept."""
    allowed = _allowed(str(found["kind"]))
    if found.get("kind") != entry.get("kind"):
        for part in PARTS:
            if part not in allowed:
                found.pop(part, None)
    for name, usual in (("direction", "higher"), ("nulls", "exclude")):
        if found.get(name) == usual and name not in entry:
            found.pop(name)
    return {name: value for name, value in found.items() if value is not None}


def _actions(now: RawChoice, entries: list[Entry], place: int) -> None:
    others = [entry for i, entry in enumerate(entries) if i != place]
    if place == 0:
        st.badge("Primary", color="blue")
    elif st.button(
        "Make primary",
        key=f"raw.first.{place}",
        type="tertiary",
        icon=":material/vertical_align_top:",
    ):
        _changed(now, [entries[place], *others])
    if st.button("Remove", key=f"raw.drop.{place}", type="tertiary", icon=":material/delete:"):
        _changed(now, others)


def _changed(now: RawChoice, entries: Sequence[Entry]) -> None:
    """Keep metrics that were changed beside the form's own inputs, and fill the form anew."""
    text = write_entries(entries, now.metrics) if entries else ""
    choose(metrics=text, edition=now.edition + 1)
    st.rerun()


def _yaml(now: RawChoice) -> None:
    with st.expander("The metrics file (YAML)", icon=":material/code:"):
        st.caption(
            "The same metrics as text: what you change here changes the form, and the other way "
            "round. The command line reads it with *--metrics*; comments do not outlive the form."
        )
        typed = st.text_area(
            "Metrics file", value=now.metrics, height=220,
            key=session().key(f"raw.yaml.{hash(now.metrics)}"), label_visibility="collapsed",
            placeholder="metrics:\n- name: converted\n  kind: conversion\n  column: converted",
        )  # fmt: skip
        if (typed or "") != now.metrics:
            choose(metrics=typed or "", edition=now.edition + 1)
            st.rerun()
        if now.metrics:
            st.download_button(
                "Download", now.metrics, "metrics.yaml", "application/yaml", key="raw.download",
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip
