"""A plan is frozen before the data: canonical JSON, its hash, and the moment."""

from datetime import datetime

from experimentos.errors import ContractError
from experimentos.ids import canonical_json, content_hash
from experimentos.plan.charter import Charter, Stamp

NOT_PLAN = frozenset({"title", "owner", "notes", "frozen"})
"""Fields that may be reworded after freezing: they decide nothing."""


ADDED = ("belief", "rope", "sides", "correction")
"""Fields that came after the first plans: left out where unset, so that older hashes still fit."""


def plan_hash(charter: Charter) -> str:
    """Return the SHA-256 of everything in the charter that the analysis is held to."""
    fields = type(charter).model_fields
    unset = {name for name in ADDED if getattr(charter, name) == fields[name].default}
    planned = charter.model_dump(mode="json", exclude=set(NOT_PLAN) | unset)
    for plan in (*(planned["guardrails"] or ()), *planned["secondary"]):
        if plan["margin"] is None:
            del plan["margin"]
    return content_hash(canonical_json(planned))


def freeze(charter: Charter, at: datetime) -> Charter:
    """Return the charter with its hash and the moment of freezing.

    Raises
    ------
    ContractError
        If it is frozen already: a second freeze would hide what was planned first.
    """
    if charter.frozen is not None:
        raise ContractError(
            f"The plan was frozen at {charter.frozen.frozen_at:%Y-%m-%d %H:%M %Z}.",
            hint="Keep it, or copy it without its `frozen` field to plan anew.",
        )
    return charter.model_copy(update={"frozen": Stamp(frozen_at=at, sha256=plan_hash(charter))})


def is_intact(charter: Charter) -> bool:
    """Return whether a frozen charter still says what it said; False when it is not frozen."""
    return charter.frozen is not None and charter.frozen.sha256 == plan_hash(charter)
