"""How long, how much and how often a model may be asked, and what tokens cost."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from experimentos.errors import LlmUnavailable
from experimentos.llm.port import Usage

SESSION_TOKENS = "EXPERIMENTOS_LLM_SESSION_TOKENS"
DAY_TOKENS = "EXPERIMENTOS_LLM_DAY_TOKENS"
DAY_COST = "EXPERIMENTOS_LLM_DAY_COST"
PRICES = "EXPERIMENTOS_LLM_PRICES"
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one call, one answer, one design and one day.

    Attributes
    ----------
    connect_seconds : float
    read_seconds : float
        Between two pieces of an answer, and for the whole of an answer that is not streamed.
    total_seconds : float
        Of one answer with all its calls and waits.
    retries : int
        Further attempts after a fault that may pass: connection, 408, 429, 5xx.
    wait_seconds : float
        First wait before a retry; it doubles.
    longest_wait_seconds : float
        A server that asks for a longer wait is not waited for.
    rounds : int
        Calls of one answer: a model that proposes is told what came of it.
    answer_tokens : int
        Most that one call may return.
    session_tokens, day_tokens : int
        Sent and received; beyond them the rules answer.
    day_cost : float | None
        The same in money, when there are prices.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 60.0
    total_seconds: float = 90.0
    retries: int = 2
    wait_seconds: float = 0.5
    longest_wait_seconds: float = 20.0
    rounds: int = 8
    answer_tokens: int = 4_000
    session_tokens: int = 300_000
    day_tokens: int = 3_000_000
    day_cost: float | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a million tokens, as the installation states them; there are none built in.

    Attributes
    ----------
    prompt, cached, completion : float
    currency : str
    """

    prompt: float
    cached: float
    completion: float
    currency: str

    def cost(self, usage: Usage) -> float:
        """Return what tokens cost, in the currency."""
        fresh = max(usage.prompt - usage.cached, 0)
        spent = fresh * self.prompt + usage.cached * self.cached
        return (spent + usage.completion * self.completion) / MILLION


def limits_from(environment: Mapping[str, str] = os.environ) -> Limits:
    """Return the limits, with the budgets that the environment sets.

    Raises
    ------
    LlmUnavailable
        If a budget is no number.
    """
    default = Limits()
    cost = environment.get(DAY_COST, "").strip()
    return Limits(
        session_tokens=int(_number(environment, SESSION_TOKENS, default.session_tokens)),
        day_tokens=int(_number(environment, DAY_TOKENS, default.day_tokens)),
        day_cost=_number(environment, DAY_COST, 0.0) if cost else None,
    )


def prices_from(environment: Mapping[str, str] = os.environ) -> Prices | None:
    """Return the prices that the environment states as "2.50/0.25/10.00 USD", None without any.

    Raises
    ------
    LlmUnavailable
        If they are written in another way.
    """
    text = environment.get(PRICES, "").strip()
    if not text:
        return None
    amounts, _, currency = text.partition(" ")
    try:
        prompt, cached, completion = map(float, amounts.split("/"))
    except ValueError:
        raise LlmUnavailable(
            f"{PRICES} cannot be read.",
            hint="Write the prices of a million tokens sent, cached and received: 2.5/0.25/10 USD.",
        ) from None
    return Prices(prompt, cached, completion, currency.strip()[:8])


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "").strip().replace("_", "").replace(",", "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise LlmUnavailable(f"{name} is no number.", hint="Write it in digits, such as 300000.")
    return value
