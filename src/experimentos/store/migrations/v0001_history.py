"""Version 1: documents, artefacts, audit."""

from experimentos.store.sql import Cursor

# Times are UTC without a zone: reading zoned ones needs a library that is not ours, and
# PostgreSQL reads both. Foreign keys are left out so that DuckLake could hold the same tables.
STATEMENTS = (
    "create table meta (key varchar primary key, value varchar not null)",
    """
    create table document (
        id varchar primary key,
        kind varchar not null,
        title varchar not null,
        body json not null,
        facets json not null,
        artefacts json not null,
        search varchar not null,
        revision bigint not null,
        content_sha256 varchar not null,
        created_at timestamp not null,
        updated_at timestamp not null,
        deleted_at timestamp
    )
    """,
    """
    create table artefact (
        sha256 varchar primary key,
        bytes bigint not null,
        created_at timestamp not null
    )
    """,
    """
    create table audit (
        seq bigint primary key,
        moment timestamp not null,
        action varchar not null,
        kind varchar not null,
        id varchar not null,
        revision bigint not null,
        before_sha256 varchar not null,
        after_sha256 varchar not null,
        previous varchar not null,
        hash varchar not null
    )
    """,
)


def apply(cursor: Cursor) -> None:
    """Create the tables of an empty file."""
    for statement in STATEMENTS:
        cursor.execute(statement)
