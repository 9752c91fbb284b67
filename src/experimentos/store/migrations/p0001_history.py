"""Version 1 on PostgreSQL: documents, artefacts with their bytes, audit, runs, samples."""

from experimentos.store.sql import Cursor

# Ids are compared by their bytes, so that a beginning of one is a range. The text of documents is
# kept as it was written; what filters ask of a run is jsonb beside it.
STATEMENTS = (
    "create table meta (key text primary key, value text not null)",
    """
    create table document (
        id text collate "C" primary key,
        kind text not null,
        title text not null,
        body text not null,
        facets text not null,
        artefacts text not null,
        search text not null,
        revision bigint not null,
        content_sha256 text not null,
        created_at timestamp not null,
        updated_at timestamp not null,
        deleted_at timestamp
    )
    """,
    "create index document_kind on document (kind, id)",
    """
    create table artefact (
        sha256 text collate "C" primary key,
        bytes bigint not null,
        created_at timestamp not null,
        written_at timestamp not null,
        content bytea not null
    )
    """,
    # Already compressed as often as not: not tried again.
    "alter table artefact alter column content set storage external",
    """
    create table audit (
        seq bigint primary key,
        moment timestamp not null,
        action text not null,
        kind text not null,
        id text not null,
        revision bigint not null,
        before_sha256 text not null,
        after_sha256 text not null,
        previous text not null,
        hash text not null
    )
    """,
    """
    create table run (
        run_id text collate "C" primary key,
        project text not null,
        experiment text not null,
        variant text collate "C" not null,
        repeat bigint not null,
        kind text not null,
        title text collate "C" not null,
        status text collate "C" not null,
        host text collate "C" not null,
        pid bigint,
        parent_run_id text collate "C",
        reproduces_run_id text collate "C",
        sample_count bigint not null,
        primary_value double precision,
        error_kind text collate "C" not null,
        error text collate "C" not null,
        inputs_sha256 text collate "C" not null,
        code_sha256 text collate "C" not null,
        config_sha256 text collate "C" not null,
        cost_usd double precision,
        created_at timestamp not null,
        started_at timestamp,
        ended_at timestamp,
        heartbeat_at timestamp,
        deleted_at timestamp,
        params jsonb not null,
        metrics jsonb not null,
        tags jsonb not null,
        document text not null,
        revision bigint not null,
        samples_sha256 text not null,
        content_sha256 text not null
    )
    """,
    "create index run_experiment on run (experiment, run_id)",
    # Groups by variant are read from this alone.
    """
    create index run_variant on run (experiment, variant, primary_value)
    where deleted_at is null
    """,
    "create index run_project on run (project, run_id)",
    "create index run_primary on run (primary_value, run_id) where primary_value is not null",
    "create index run_unfinished on run (run_id) where status in ('queued', 'running')",
    "create index run_params on run using gin (params jsonb_path_ops)",
    """
    create table run_sample (
        run_id text collate "C" not null,
        place bigint not null,
        scenario text collate "C" not null,
        model text collate "C" not null,
        sample_index bigint not null,
        cluster text not null,
        score double precision,
        passed boolean,
        status text not null,
        latency_ms double precision,
        tokens_in bigint,
        tokens_out bigint,
        cost_usd double precision,
        artefact_sha256 text,
        extra text not null,
        primary key (run_id, scenario, model, sample_index)
    )
    """,
    "create index run_sample_place on run_sample (run_id, place)",
)


def apply(cursor: Cursor) -> None:
    """Create the tables of an empty schema."""
    for statement in STATEMENTS:
        cursor.execute(statement)
