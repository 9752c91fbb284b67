"""Work in progress, kept by id so that a refresh, a new tab or a restart brings it back."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from experimentos.errors import Conflict, NotFound, StoreError
from experimentos.flows.encode import encode
from experimentos.ids import canonical_json, content_hash, ordered_id
from experimentos.plan.charter import EMPTY_CHARTER, Charter
from experimentos.store.port import NOT_YET, Query, Record, Store, new_record

DRAFT = "draft"
MAPPING = "mapping"
INPUT = "input"


class MemoFields(BaseModel):
    """What a person changes in a memo before it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(default="", max_length=200)
    hypothesis: str = Field(default="", max_length=2_000)
    owner: str = Field(default="", max_length=200)
    notes: str = Field(default="", max_length=2_000)


class Draft(BaseModel):
    """One person's work in progress.

    Attributes
    ----------
    id : str
        26 characters, "" for a new draft; whoever knows it may open the draft.
    revision : int
        The one that was read, 0 for a new draft.
    title, file_name : str
    input_sha256 : str | None
        The stored input; None when nothing was uploaded.
    mapping : dict[str, str]
    charter : Charter
    memo : MemoFields
    analysis_id : str
        The saved analysis that this work came from or led to, "" for none.
    page : dict
        What the pages remember (open tab, chosen metric), as JSON values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    revision: int = Field(default=0, ge=0)
    title: str = ""
    file_name: str = ""
    input_sha256: str | None = None
    mapping: dict[str, str] = {}
    charter: Charter = EMPTY_CHARTER
    memo: MemoFields = MemoFields()
    analysis_id: str = ""
    page: dict[str, JsonValue] = {}


def save_draft(store: Store, draft: Draft, content: bytes | None = None) -> Draft:
    """Save the draft, with the bytes of its input when they are new; durable when this returns.

    Raises
    ------
    Conflict
        If another tab saved the same draft meanwhile.
    """
    body = encode(draft.model_copy(update={"id": "", "revision": 0, "input_sha256": None}))
    assert isinstance(body, dict)  # noqa: S101 - a model becomes an object
    kept = {INPUT: draft.input_sha256} if draft.input_sha256 and content is None else {}
    record = new_record(DRAFT, draft.title, body, artefacts=kept, id=draft.id)
    given = None if content is None else {INPUT: content}
    return _draft(store.save(replace(record, revision=draft.revision), given))


def load_draft(store: Store, id: str) -> Draft:  # noqa: A002 - the field's name
    """Return the draft of exactly this id.

    Raises
    ------
    NotFound
        If there is none; a beginning of an id opens nothing, so that drafts cannot be guessed.
    """
    record = store.load(DRAFT, id)
    if record.id != id:
        raise NotFound("No draft has this id.", hint="Use the whole address that was copied.")
    return _draft(record)


def draft_input(store: Store, draft: Draft) -> bytes | None:
    """Return the bytes of the draft's input, None when nothing was uploaded."""
    return store.artefact(draft.input_sha256) if draft.input_sha256 else None


def list_drafts(store: Store, limit: int = 20) -> list[Record]:
    """Return the newest drafts."""
    return store.find(Query(DRAFT, limit=limit))


def remember_mapping(store: Store, header: Sequence[str], mapping: dict[str, str]) -> None:
    """Keep how the columns of files with this header are mapped; the last one wins."""
    title = ", ".join(header)[:200]
    record = new_record(MAPPING, title, {"mapping": mapping}, id=_mapping_id(header))
    for _ in range(3):
        try:
            known = store.load(MAPPING, record.id).revision
        except NotFound:
            known = 0
        try:
            store.save(replace(record, revision=known))
        except Conflict:
            continue
        return


def recall_mapping(store: Store, header: Sequence[str]) -> dict[str, str] | None:
    """Return how files with this header were mapped last, None when they never were."""
    try:
        mapping = store.load(MAPPING, _mapping_id(header)).body["mapping"]
    except NotFound:
        return None
    return {str(k): str(v) for k, v in mapping.items()} if isinstance(mapping, dict) else None


def _mapping_id(header: Sequence[str]) -> str:
    digest = bytes.fromhex(content_hash(canonical_json(list(header))))
    return ordered_id(NOT_YET, digest[:10])


def _draft(record: Record) -> Draft:
    own = {
        "id": record.id,
        "revision": record.revision,
        "input_sha256": record.artefacts.get(INPUT),
    }
    try:
        return Draft.model_validate({**record.body, **own})
    except ValidationError as exc:
        raise StoreError(
            f"The draft {record.id} was saved by a version that this one cannot read.",
            hint="Open it with the version of ExperimentOS that saved it.",
        ) from exc
