"""Where a page of runs ended, and what may be asked of a list."""

import base64
import binascii
import json
from dataclasses import dataclass

from experimentos.errors import ContractError
from experimentos.store.run_port import METRIC, NEWEST, PRIMARY, RunQuery

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended.

    Attributes
    ----------
    value : float | None
        Of what the list is sorted by, of the last run; None among those without.
    run_id : str
        Of the last run.
    """

    value: float | None
    run_id: str


def checked_run_query(query: RunQuery) -> Place | None:
    """Return where the page begins, None for the first one.

    Raises
    ------
    ContractError
        If it asks for an order or a number of rows that there is not, or continues no page.
    """
    if not 1 <= query.limit <= MOST_ROWS:
        raise ContractError(
            f"A page of {query.limit} runs cannot be had.", hint=f"Ask for 1 to {MOST_ROWS}."
        )
    metric = query.order.removeprefix(METRIC) if query.order.startswith(METRIC) else ""
    if query.order not in (NEWEST, PRIMARY) and (not metric or '"' in metric or "\\" in metric):
        raise ContractError(
            f"Runs cannot be sorted by {query.order!r}.",
            hint="Use newest, primary or metrics.NAME.",
        )
    return place_from(query.after) if query.after else None


def place_text(place: Place) -> str:
    """Return where a page ended, for `RunQuery.after`."""
    return base64.urlsafe_b64encode(json.dumps([place.value, place.run_id]).encode()).decode()


def place_from(text: str) -> Place:
    """Return where a page ended; ContractError if the text does not say."""
    try:
        value, run_id = json.loads(base64.urlsafe_b64decode(text))
        return Place(None if value is None else float(value), str(run_id))
    except (binascii.Error, ValueError, TypeError) as exc:
        raise ContractError(
            "This is not where a page ended.", hint="Use RunPage.next of the page before."
        ) from exc
