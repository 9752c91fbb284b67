"""Templates to begin with: those of the program and one's own, how often used, how well liked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from experimentos.design.document import ExperimentDescription
from experimentos.design.names import slug
from experimentos.design.templates import Template, read_template, templates
from experimentos.errors import Conflict, DesignError, NotFound, StoreError
from experimentos.flows.design_session import DesignSession, take_over
from experimentos.ids import canonical_json, content_hash, ordered_id
from experimentos.store.port import NOT_YET, Query, Record, Store, new_record

OWN = "design_template"
USE = "design_template_use"
MOST_OWN = 200
ATTEMPTS = 3
STARS = 5
OWN_CATEGORY = "Own"


@dataclass(frozen=True, slots=True)
class Offer:
    """A template as its card shows it.

    Attributes
    ----------
    template : Template
    record_id : str
        "" for one that comes with the program.
    uses : int
    stars : int
        1 to `STARS`, 0 when nobody rated it; the last rating counts.
    """

    template: Template
    record_id: str
    uses: int
    stars: int


def offers(store: Store) -> tuple[Offer, ...]:
    """Return all templates: one's own first, then by use, category and title."""
    told = {str(r.body.get("name")): r.body for r in store.find(Query(USE, limit=500))}
    own = [
        (read_template(canonical_json(r.body).decode()), r.id)
        for r in store.find(Query(OWN, limit=MOST_OWN))
    ]
    known = [*own, *((t, "") for t in templates())]
    made = [_offer(t, id_, told.get(t.name, {})) for t, id_ in known]
    return tuple(
        sorted(
            made,
            key=lambda o: (not o.record_id, -o.uses, o.template.category, o.template.design.title),
        )
    )


def begin_from(store: Store, session: DesignSession, template: Template) -> DesignSession:
    """Return a session that begins with a template's design; the use is counted."""
    _note(store, template.name, uses=1)
    title = template.design.title
    named = session.model_copy(update={"title": title})
    return take_over(named, template.design, message=f"From the template {title}")


def rate(store: Store, template: Template, stars: int) -> None:
    """Keep how well a template is liked.

    Raises
    ------
    DesignError
        If the stars are not 1 to `STARS`.
    """
    if not 1 <= stars <= STARS:
        raise DesignError(f"{stars} stars do not exist.", hint=f"Give 1 to {STARS}.")
    _note(store, template.name, stars=stars)


def keep_template(
    store: Store, design: ExperimentDescription, *, category: str, about: str
) -> Template:
    """Save a design as a template of one's own; accepted warnings and questions stay behind.

    Raises
    ------
    DesignError
        If it has no title or nothing is said about it.
    """
    if not design.title.strip() or not about.strip():
        raise DesignError(
            "A template needs a title and a sentence about it.",
            hint="Give the design a title and say what it is for.",
        )
    bare = design.model_copy(update={"acknowledged": (), "open_questions": ()})
    taken = [o.template.name for o in offers(store)]
    made = Template(
        name=slug(design.title, taken),
        category=category.strip()[:200] or OWN_CATEGORY,
        about=about.strip()[:4_000],
        design=bare,
    )
    store.save(new_record(OWN, design.title, made.model_dump(mode="json")))
    return made


def drop_template(store: Store, offer: Offer) -> None:
    """Put a template of one's own into the bin."""
    store.remove(OWN, offer.record_id)


def _offer(template: Template, record_id: str, told: Mapping[str, object]) -> Offer:
    return Offer(template, record_id, _whole(told.get("uses")), _whole(told.get("stars")))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _note(store: Store, name: str, *, uses: int = 0, stars: int = 0) -> None:
    """Add to what is known of a template; two tabs at once are both counted."""
    digest = bytes.fromhex(content_hash(name.encode()))
    id_ = ordered_id(NOT_YET, digest[:10])
    for _ in range(ATTEMPTS):
        known = _known(store, id_)
        body = dict(known.body) if known else {"name": name, "uses": 0, "stars": 0}
        body |= {"uses": _whole(body.get("uses")) + uses, "stars": stars or body.get("stars", 0)}
        record = new_record(USE, name, body, id=id_)
        try:
            store.save(replace(record, revision=known.revision if known else 0))
        except Conflict:
            continue
        return
    raise StoreError("The use of the template was not counted.", hint="Try again.")


def _known(store: Store, id_: str) -> Record | None:
    try:
        return store.load(USE, id_)
    except NotFound:
        return None
