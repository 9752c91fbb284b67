"""Versions of a design: what changed on which card, named variants side by side."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from experimentos.design.diff import Change, changes
from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Patch, SetDocument
from experimentos.design.power import power_of
from experimentos.design.power_simulation import assumptions
from experimentos.design.rules.finding import Context, context
from experimentos.design.versions import History, Version, label
from experimentos.errors import DesignError
from experimentos.flows.design_board import PARTS
from experimentos.flows.design_session import DesignSession, go_back_to, revise
from experimentos.flows.design_status import Standing, standing

WHOLE = "The design"
RELATED = "Relations, rules and notes"
MOST_NAME = 200


@dataclass(frozen=True, slots=True)
class CardChange:
    """What changed on one card between two versions.

    Attributes
    ----------
    kind : str
        "added", "removed", "renamed", "changed" or "moved".
    part_kind : str
        Kind of the card: a factor's own, "unit", "response"; "" for the design as a whole.
    name : str
    sentences : tuple[str, ...]
    """

    kind: str
    part_kind: str
    name: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VariantTreatment:
    """One treatment of a variant.

    Attributes
    ----------
    name : str
    error : str
        The units it is tested against; "" when it cannot be tested.
    error_df : int
    replication : float
    power : float | None
        None when effect or spread is not stated.
    """

    name: str
    error: str
    error_df: int
    replication: float
    power: float | None


@dataclass(frozen=True, slots=True)
class Variant:
    """A version with a name, or the newest one.

    Attributes
    ----------
    number : int
    name : str
    standing : Standing
    observations : int | None
    treatments : tuple[VariantTreatment, ...]
    """

    number: int
    name: str
    standing: Standing
    observations: int | None
    treatments: tuple[VariantTreatment, ...]


def card_changes(old: ExperimentDescription, new: ExperimentDescription) -> tuple[CardChange, ...]:
    """Return what changed, card by card; a part with another name is renamed, not new."""
    grouped: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes(old, new):
        is_card = change.part in PARTS and change.kind != "moved"
        key = (change.part, change.id) if is_card else (_heading(change), "")
        grouped[key].append(change)
    return tuple(_card(old, new, key, found) for key, found in grouped.items())


def step_changes(session: DesignSession, number: int) -> tuple[str, ...]:
    """Return in words what a version changed against the one it was made from."""
    history = session.history
    if history is None:
        return ()
    version = history.version(number)
    if version.parent is None:
        return ()
    before = history.version(version.parent).content
    return tuple(change.sentence for change in changes(before, version.content))


def name_version(session: DesignSession, number: int, name: str) -> DesignSession:
    """Return the session with a version named, which makes it a variant; "" takes the name away.

    Raises
    ------
    DesignError
        If there is no design, or another version has the name.
    """
    if session.history is None:
        raise DesignError("There is no design yet.", hint="Read a description first.")
    wanted = name.strip()[:MOST_NAME]
    taken = {v.name.casefold() for v in session.history.versions if v.number != number}
    if wanted and wanted.casefold() in taken:
        raise DesignError(f"Another version is called {wanted}.", hint="Choose another name.")
    return session.model_copy(update={"history": label(session.history, number, wanted)})


def work_from(session: DesignSession, number: int) -> DesignSession:
    """Return the session with a variant's content as the newest version, to go on from there."""
    return go_back_to(session, number, f"Go on from {_name(session, number)}")


def named(history: History | None) -> tuple[Version, ...]:
    """Return the versions with a name, oldest first."""
    return tuple(v for v in history.versions if v.name) if history else ()


def variants(session: DesignSession) -> tuple[Variant, ...]:
    """Return the named versions, and the newest one when it has no name, with their power."""
    if session.history is None:
        return ()
    last = session.history.last
    chosen = [*named(session.history), *([] if last.name else [last])]
    return tuple(_variant(v.number, v.name or "Now", v.content) for v in chosen)


def retitle(session: DesignSession, title: str) -> DesignSession:
    """Return the session under another title, in its design as well when it has one."""
    wanted = title.strip()[:MOST_NAME]
    if session.history is None:
        return session.model_copy(update={"title": wanted})
    return revise(session, Patch(title="Rename", edits=(SetDocument(fields={"title": wanted}),)))


def _heading(change: Change) -> str:
    return WHOLE if change.part == "document" or change.kind == "moved" else RELATED


def _card(
    old: ExperimentDescription,
    new: ExperimentDescription,
    key: tuple[str, str],
    found: Sequence[Change],
) -> CardChange:
    collection, id_ = key
    sentences = tuple(change.sentence for change in found)
    happened = {change.kind for change in found}
    kind = happened.pop() if len(happened) == 1 else "changed"
    if collection not in PARTS:
        return CardChange(kind, "", collection, sentences)
    part = next(p for d in (new, old) for p in getattr(d, collection) if p.id == id_)
    part_kind = {"units": "unit", "responses": "response"}.get(collection) or str(part.kind)
    return CardChange(kind, part_kind, str(part.name), sentences)


@lru_cache(maxsize=32)
def _known(document: ExperimentDescription) -> Context:
    return context(document)


def _variant(number: int, name: str, document: ExperimentDescription) -> Variant:
    given = _known(document)
    size = given.table.n if given.table else None
    return Variant(number, name, standing(document), size, tuple(_treatments(given)))


def _treatments(given: Context) -> list[VariantTreatment]:
    powers: dict[str, float] = {}
    if given.table is not None and given.anatomy is not None:
        try:
            assumed = assumptions(given.document)
            found = power_of(given.table, given.anatomy, assumed)
            powers = {p.factor_id: p.power for p in found}
        except DesignError:
            powers = {}
    made = []
    for factor in given.document.treatments:
        tested = given.anatomy.tested(factor.id) if given.anatomy else None
        power = powers.get(factor.id)
        if tested is None:
            made.append(VariantTreatment(factor.name, "", 0, 0.0, power))
        else:
            made.append(
                VariantTreatment(
                    factor.name, tested.error, tested.error_df, tested.replication, power
                )
            )
    return made


def _name(session: DesignSession, number: int) -> str:
    found = session.history.version(number) if session.history else None
    return found.name if found and found.name else f"version {number}"
