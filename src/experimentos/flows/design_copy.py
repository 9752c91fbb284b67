"""A part of a design once more, under a name of its own."""

from typing import Any

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import (
    AddAllotment,
    AddFactor,
    AddResponse,
    AddUnit,
    Collection,
    Edit,
    Patch,
)
from experimentos.design.names import slug
from experimentos.errors import DesignError


def duplicate_part(document: ExperimentDescription, part: Collection, id_: str) -> Patch:
    """Return the patch that puts a copy of a factor, unit or response after it.

    A factor's copy is applied to the same units by the same rule; a response's copy is not primary.

    Raises
    ------
    DesignError
        If there is no such part.
    """
    known = list(getattr(document, part))
    place = next((k for k, p in enumerate(known) if p.id == id_), None)
    if place is None:
        raise DesignError("This card is gone.", hint="It was removed or undone; look again.")
    old = known[place]
    name = _free_name(old.name, [p.name for p in known])
    fields: dict[str, Any] = {"id": slug(name, [p.id for p in known]), "name": name}
    title = f"Duplicate {old.name}"
    return Patch.model_validate(
        {"title": title, "edits": _edits(document, part, old, fields, place + 1)}
    )


def _edits(
    document: ExperimentDescription, part: Collection, old: Any, fields: dict[str, Any], at: int
) -> tuple[Edit, ...]:
    match part:
        case "factors":
            own = (AddFactor(factor=old.model_copy(update=fields), at=at),)
            allotment = document.allotment(old.id)
            if allotment is None:
                return own
            ids = [a.id for a in document.allotments]
            copy = allotment.model_copy(
                update={"id": slug(f"{fields['id']} allotment", ids), "factor_id": fields["id"]}
            )
            return (*own, AddAllotment(allotment=copy))
        case "responses":
            copy = old.model_copy(update={**fields, "primary": False})
            return (AddResponse(response=copy, at=at),)
        case "units":
            return (AddUnit(unit=old.model_copy(update={**fields, "factor_id": None}), at=at),)
        case _:
            raise DesignError("This part has no copy.", hint="Duplicate a card.")


def _free_name(name: str, taken: list[str]) -> str:
    number, wanted = 2, f"{name[:190]} 2"
    while wanted.casefold() in {t.casefold() for t in taken}:
        number += 1
        wanted = f"{name[:190]} {number}"
    return wanted
