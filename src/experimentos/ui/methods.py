"""How a number was computed: the method in words, its source, and the numbers that went in."""

from collections.abc import Sequence

import streamlit as st

from experimentos.analysis import METHODS, numbers
from experimentos.analysis.result import Alongside, Compared, Lift, MetricResult
from experimentos.ui import format as fmt


def method_title(name: str) -> str:
    """Return a method's name as people call it."""
    method = METHODS.get(name)
    return method.title if method else fmt.words(name)


def how_computed(result: MetricResult, compared: Compared, key: str) -> None:
    """Draw a small button that opens the method of one comparison."""
    with st.popover(
        "How was this computed?", icon=":material/function:", type="tertiary", key=f"how.{key}"
    ):
        describe_method(compared.method)
        st.markdown(_numbers(result, compared))
        for name in filter(None, compared.adjustment.split("+")):
            describe_method(name)
        if isinstance(compared.lift, Lift):
            st.markdown("**Relative lift**")
            describe_method(compared.lift.method)
        if compared.alongside:
            st.markdown("**For comparison**")
            st.markdown("\n".join(f"- {alongside_line(other)}" for other in compared.alongside))


def how_many_computed(compared: Sequence[tuple[MetricResult, Compared]], key: str) -> None:
    """Draw one button for a table: the numbers of every row, and each method once."""
    if not compared:
        return
    with st.popover(
        "How was this computed?", icon=":material/function:", type="tertiary", key=f"how.{key}"
    ):
        for result, each in compared:
            st.markdown(f"**{fmt.plain(result.metric)} · {fmt.plain(each.arm)}**")
            st.markdown(_numbers(result, each))
        names = [each.method for _, each in compared]
        names += [part for _, each in compared for part in each.adjustment.split("+") if part]
        for name in dict.fromkeys(names):
            describe_method(name)


def how_done(names: Sequence[str], key: str) -> None:
    """Draw one button that opens the methods of these names."""
    with st.popover(
        "How was this computed?", icon=":material/function:", type="tertiary", key=f"how.{key}"
    ):
        for name in dict.fromkeys(names):
            describe_method(name)


def describe_method(name: str) -> None:
    """Draw a method's formula in words, what it assumes and where it was published."""
    method = METHODS.get(name)
    if method is None:
        st.markdown(f"**{fmt.plain(fmt.words(name))}**")
        return
    assumed = "".join(f"\n- {fmt.plain(line)}" for line in method.assumptions)
    st.markdown(
        f"**{fmt.plain(method.title)}**  \n{fmt.plain(method.words)}"
        + (f"\n\nIt assumes:\n{assumed}" if assumed else "")
        + f"\n\n:small[:gray[{fmt.plain(method.source)}]]"
    )


def alongside_line(other: Alongside) -> str:
    """Return a second method's answer as one line of Markdown."""
    parts = []
    if other.statistic is not None:
        parts.append(f"statistic {numbers.fixed(other.statistic, 3)}")
    if other.p_value is not None:
        parts.append(numbers.p_value(other.p_value))
    if other.interval is not None:
        low, high = other.interval.low, other.interval.high
        parts.append(f"{numbers.level(other.interval.level)} interval {low:.6g} to {high:.6g}")
    return f"{fmt.plain(method_title(other.method))}: {', '.join(parts)}"


def _numbers(result: MetricResult, compared: Compared) -> str:
    lines = [
        ("Statistic", numbers.exact(compared.statistic)),
        ("p-value", numbers.exact(compared.p_value)),
        ("Standard error", numbers.exact(compared.se)),
        ("Units", f"{compared.n_control:,} and {compared.n_treatment:,}"),
    ]
    if compared.df is not None:
        lines.insert(1, ("Degrees of freedom", numbers.exact(compared.df)))
    if compared.adjustment:
        lines.append(
            (
                f"p before the {fmt.words(compared.adjustment)} adjustment",
                numbers.exact(compared.unadjusted_p),
            )
        )
    if result.mde is not None:
        lines.append(
            (
                "Detectable at this size",
                numbers.difference(result.mde, result.kind).removeprefix("+"),
            )
        )
    return "\n".join(f"- {label}: `{value}`" for label, value in lines)
