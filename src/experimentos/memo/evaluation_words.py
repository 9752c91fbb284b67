"""Evaluations in words, alike on the screen and in a terminal."""

from experimentos.analysis import numbers
from experimentos.runs.evaluated import Evaluated
from experimentos.runs.evaluation import Estimate

SMALLEST_SHOWN = 0.0001
FAILURES = {
    "rate_limited": "the endpoint was too busy",
    "server_fault": "the endpoint had a fault of its own",
    "timed_out": "no answer in time",
    "unreachable": "the endpoint could not be reached",
    "malformed_reply": "the reply could not be read",
    "refused": "the model declined",
    "not_allowed": "the key, the model or the address was not accepted",
    "bad_request": "the endpoint did not take the request",
    "over_budget": "the budget was used up",
    "scorer_failed": "the scorer failed; the answers are kept",
}


def dollars(amount: float | None) -> str:
    """Return an amount in US dollars, "unknown" when a price is not known."""
    if amount is None:
        return "unknown"
    if 0 < amount < SMALLEST_SHOWN:
        return f"less than ${SMALLEST_SHOWN}"
    return f"${amount:,.2f}" if amount >= 1 or amount == 0 else f"${amount:.4f}"


def estimate_lines(size: Estimate) -> tuple[str, ...]:
    """Return what an evaluation will ask for, one sentence each."""
    lines = [
        f"{size.scenarios:,} scenarios x {size.models:,} models x {size.samples_per_scenario:,} "
        f"samples = {size.calls:,} calls.",
        f"About {size.tokens_in:,} tokens of prompts, and at most {size.tokens_out_most:,} of "
        "answers.",
    ]
    if size.cost_most is None:
        lines.append("The cost is not known: give input_price and output_price of every model.")
    else:
        lines.append(f"At most {dollars(size.cost_most)} at the prices given, without retries.")
    if size.seconds_least is not None:
        lines.append(f"At least {numbers.quantity(size.seconds_least / 60)} minutes at this rate.")
    return tuple(lines)


def evaluated_lines(evaluated: Evaluated) -> tuple[str, ...]:
    """Return what came of an evaluation, one sentence each."""
    lines = [f"{evaluated.scored:,} of {evaluated.planned:,} samples are scored."]
    if evaluated.kept:
        lines.append(f"{evaluated.kept:,} answers were there from an earlier run: not paid again.")
    if evaluated.cost is not None:
        lines.append(f"The answers cost {dollars(evaluated.cost)}.")
    lines += [f"{count:,} failed: {failure_words(c)}." for c, count in evaluated.failures.items()]
    if evaluated.is_stopped:
        lines.append("It was stopped; starting it again goes on from here.")
    return tuple(lines)


def failure_words(code: str) -> str:
    """Return what a failure's code means."""
    return FAILURES.get(code, code)
