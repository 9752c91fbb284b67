"""Which rows: a file of the workspace, an upload, or a database that the server names."""

import streamlit as st

from experimentos.errors import ExperimentOSError
from experimentos.flows.drafts import draft_input
from experimentos.flows.raw_rows import Look, Recipe
from experimentos.flows.raw_source import (
    Listed,
    Place,
    Reach,
    database_title,
    is_there,
    keep_upload,
    list_files,
    remove_upload,
)
from experimentos.metrics.contract import Reading
from experimentos.ui import format as fmt
from experimentos.ui.raw_run import forget
from experimentos.ui.raw_state import RawChoice, as_choice, choice, choose, reached
from experimentos.ui.services import services
from experimentos.ui.state import change, session
from experimentos.wiring import SOURCE

TYPES = ["csv", "tsv", "gz", "parquet", "pq", "arrow", "feather", "duckdb", "db"]
UPLOAD_MB = 50
# What reading says of a file of rows that was given as one of results.
HOLDS_ROWS = frozenset({"too_many_rows"})


def place_picker(within: Reach) -> None:
    """Draw the choice of a source; a new one replaces what was chosen of the old one."""
    files = list_files(within)
    now = choice().place
    offered = {_key(place): place for place in _offered(within, files, now)}
    sizes = {one.at: one for one in files}
    chosen = _key(now) if now is not None and _key(now) in offered else None
    picked = st.selectbox(
        "Rows from", list(offered), index=list(offered).index(chosen) if chosen else None,
        format_func=lambda key: _title(offered[key], sizes),
        placeholder="Choose a file or a database" if offered else "Nothing here yet",
        key=session().key(f"raw.place.{chosen}"),
        help="Files of the workspace's data folder, and databases that the server's settings name.",
    )  # fmt: skip
    if not files and not within.databases and now is None:
        folder = "/".join(within.data.parts[-2:])
        st.caption(
            f"Files of the folder *{fmt.plain(folder)}* are listed here, of any size; so are "
            "databases that the server names. Smaller files can be uploaded."
        )
    if picked is not None and picked != chosen:
        _take(offered[picked])
    _upload(within)
    if now is None:
        _example(within)
    if now is not None and now.kind == "upload" and chosen and is_there(now, within):
        _removal(within, now)


def table_picker(look: Look) -> bool:
    """Draw the choice of a table where there are several; return whether the table is known."""
    now = choice().place
    if now is None or len(look.tables) < (1 if now.kind == "database" else 2):
        return now is not None
    options = list(look.tables)
    place = options.index(now.table) if now.table in options else None
    table = st.selectbox(
        "Table", options, index=place,
        placeholder=f"Choose one of {fmt.plural(len(options), 'table')}",
        key=session().key(f"raw.table.{now.at}"), persist_state="session",
    )  # fmt: skip
    if table is not None and table != now.table:
        _take(now.model_copy(update={"table": table}))
    return bool(now.table)


def offer_rows(reading: Reading) -> None:
    """Draw a way on for a file that was brought in as results and holds rows."""
    within, draft = reached(), session().draft
    codes = {issue.code for issue in reading.issues}
    if within is None or reading.summary is not None or not codes & HOLDS_ROWS:
        return
    content = draft_input(services().store, draft)
    if content is None or not st.button(
        "Sum these rows up", key="raw.offer", type="primary", icon=":material/functions:",
        help="Choose which column says what; the rows stay in the workspace.",
    ):  # fmt: skip
        return
    place = keep_upload(within, content, draft.file_name)
    choose(place=place)
    change(input_sha256=None, file_name="", mapping={})
    session().version += 1
    st.rerun()


def _offered(within: Reach, files: tuple[Listed, ...], now: Place | None) -> list[Place]:
    found = [Place(kind="file", at=one.at, name=_name(one.at)) for one in files]
    found += [
        Place(kind="database", at=variable, name=database_title(variable, SOURCE))
        for variable in within.databases
    ]
    if now is not None and now.kind == "upload":
        found.insert(0, now)
    elif now is not None and _key(now) not in {_key(place) for place in found}:
        st.warning(
            f"{fmt.plain(now.shown)} was chosen before and is not offered any more. Put it back, "
            "or choose another source; the columns and metrics are kept.",
            icon=":material/search_off:",
        )
    return found


def _key(place: Place) -> str:
    return f"{place.kind} {place.at}"


def _name(at: str) -> str:
    return at if len(at) <= 120 else f"…{at[-119:]}"


def _title(place: Place, sizes: dict[str, Listed]) -> str:
    if place.kind == "database":
        return f"{place.name} (database)"
    if place.kind == "upload":
        return f"{place.name} (uploaded)"
    one = sizes[place.at]
    files = f"{one.files} files, " if one.files > 1 else ""
    return f"{place.name} ({files}{fmt.size(one.bytes)})"


def _take(place: Place) -> None:
    """Choose a source; roles and metrics stay for the columns that it has, too."""
    now: RawChoice = choice()
    forget()
    choose(place=place, exposures=None, edition=now.edition + 1)
    st.rerun()


def _upload(within: Reach) -> None:
    uploaded = st.file_uploader(
        "Or upload a file of rows: CSV, Parquet, Arrow or DuckDB",
        TYPES, key=session().key(f"raw.file.{session().uploads}"), max_upload_size=UPLOAD_MB,
        help="It is kept in the workspace until you remove it. Larger files go into the data "
        "folder of the workspace.",
    )  # fmt: skip
    if uploaded is None:
        return
    try:
        place = keep_upload(within, uploaded.getvalue(), uploaded.name)
    except ExperimentOSError as failure:
        st.warning(
            f"{fmt.plain(failure.message)} {fmt.plain(failure.hint or '')}",
            icon=":material/unpublished:",
        )
        return
    session().uploads += 1
    _take(place)


def _example(within: Reach) -> None:
    if not st.button(
        "Try it with example rows", key="raw.example", icon=":material/science:",
        help="Made-up visits of an online shop: one row per visit, two arms over two weeks.",
    ):  # fmt: skip
        return
    # Loaded when somebody asks for the example.
    from experimentos.flows.raw_example import METRICS, NAME, ROLES, example_rows

    place = keep_upload(within, example_rows(), NAME)
    made = as_choice(Recipe(place=place, roles=ROLES, metrics=METRICS))
    forget()
    choose(**{**made.model_dump(), "place": place, "edition": choice().edition + 1})
    st.rerun()


def _removal(within: Reach, place: Place) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{fmt.plain(place.name)} is kept in the workspace.", width="stretch")
        if st.button("Remove the file", key="raw.remove", icon=":material/delete:"):
            remove_upload(within, place)
            choose(place=None, exposures=None)
            st.rerun()
