"""Tokens of a day, kept in the history: one record a day, whoever spent them."""

import hashlib
from dataclasses import replace
from datetime import datetime, time

from experimentos.errors import Conflict, NotFound
from experimentos.ids import ordered_id
from experimentos.llm.choice import Choice
from experimentos.llm.port import Usage
from experimentos.store.port import Record, Store, new_record

KIND = "llm_usage"
TRIES = 5
_FIELDS = ("calls", "prompt", "cached", "completion")


def allowance(store: Store, chosen: Choice, session: Usage, now: datetime) -> int:
    """Return how many tokens may still be spent: of the session and of the day, whichever is less.

    Parameters
    ----------
    session
        What the session has spent.
    """
    today = spent_on(store, now)
    limits, prices = chosen.limits, chosen.prices
    if prices is not None and limits.day_cost is not None and prices.cost(today) >= limits.day_cost:
        return 0
    left = min(limits.session_tokens - session.tokens, limits.day_tokens - today.tokens)
    return max(left, 0)


def spent_on(store: Store, now: datetime) -> Usage:
    """Return what was spent on a day (UTC)."""
    record = _record(store, now)
    return _usage(record) if record is not None else Usage()


def record_usage(store: Store, usage: Usage, now: datetime) -> None:
    """Add tokens to the day's record; nothing is written when nothing was spent."""
    if not usage.calls:
        return
    for _ in range(TRIES):
        known = _record(store, now)
        total = (_usage(known) if known else Usage()) + usage
        body = {name: getattr(total, name) for name in _FIELDS}
        fresh = new_record(KIND, f"Tokens of {now:%Y-%m-%d}", body, id=_id(now))
        try:
            store.save(replace(fresh, revision=known.revision if known else 0))
        except Conflict:
            continue
        return


def _record(store: Store, now: datetime) -> Record | None:
    try:
        return store.load(KIND, _id(now))
    except NotFound:
        return None


def _usage(record: Record) -> Usage:
    counts = [record.body.get(name) for name in _FIELDS]
    calls, prompt, cached, completion = (c if isinstance(c, int) else 0 for c in counts)
    return Usage(calls, prompt, cached, completion)


def _id(now: datetime) -> str:
    midnight = datetime.combine(now.date(), time(), now.tzinfo)
    return ordered_id(midnight, hashlib.sha256(KIND.encode()).digest()[:10])
