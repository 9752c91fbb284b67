"""Views of the list of runs that a person named to come back to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from experimentos.ids import named_id
from experimentos.store.port import Query, Store, new_record

KIND = "run_view"


@dataclass(frozen=True, slots=True)
class RunView:
    """A filter, an order and the columns that are shown.

    Attributes
    ----------
    name : str
    text : str
        The filter.
    experiment : str
        "project/experiment", "" for all.
    order : str
    columns : tuple[str, ...]
    is_grouped : bool
    """

    name: str
    text: str = ""
    experiment: str = ""
    order: str = "newest"
    columns: tuple[str, ...] = ()
    is_grouped: bool = False


def save_view(store: Store, view: RunView) -> None:
    """Save a view under its name; one of the same name is replaced."""
    known = {record.title: record for record in store.find(Query(KIND, limit=500))}
    body = {
        "text": view.text,
        "experiment": view.experiment,
        "order": view.order,
        "columns": list(view.columns),
        "is_grouped": view.is_grouped,
    }
    before = known.get(view.name)
    if before is not None:
        store.save(replace(before, body=body))
        return
    place = named_id(KIND, view.name)
    binned = any(r.id == place for r in store.find(Query(KIND, deleted=True, limit=500)))
    # A name whose view was deleted is free again: its new view gets an id of its own.
    store.save(new_record(KIND, view.name, body, id="" if binned else place))


def list_views(store: Store) -> list[RunView]:
    """Return the saved views by name."""
    found = [_view(r.title, r.body) for r in store.find(Query(KIND, limit=500))]
    return sorted(found, key=lambda view: view.name.lower())


def forget_view(store: Store, name: str) -> None:
    """Put the view of this name into the bin."""
    for record in store.find(Query(KIND, limit=500)):
        if record.title == name:
            store.remove(KIND, record.id)


def _view(name: str, body: Mapping[str, object]) -> RunView:
    columns = body.get("columns")
    return RunView(
        name,
        str(body.get("text", "")),
        str(body.get("experiment", "")),
        str(body.get("order", "newest")),
        tuple(str(c) for c in columns) if isinstance(columns, list) else (),
        bool(body.get("is_grouped")),
    )
