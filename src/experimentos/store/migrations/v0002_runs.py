"""Version 2: runs and their samples; saved analyses become runs."""

from experimentos.store.sql import Cursor

STATEMENTS = (
    """
    create table run (
        run_id varchar primary key,
        project varchar not null,
        experiment varchar not null,
        variant varchar not null,
        repeat bigint not null,
        kind varchar not null,
        title varchar not null,
        status varchar not null,
        host varchar not null,
        pid bigint,
        parent_run_id varchar,
        reproduces_run_id varchar,
        sample_count bigint not null,
        primary_value double,
        error_kind varchar not null,
        error varchar not null,
        inputs_sha256 varchar not null,
        code_sha256 varchar not null,
        config_sha256 varchar not null,
        cost_usd double,
        created_at timestamp not null,
        started_at timestamp,
        ended_at timestamp,
        heartbeat_at timestamp,
        deleted_at timestamp,
        params json not null,
        metrics json not null,
        tags json not null,
        document json not null,
        revision bigint not null,
        samples_sha256 varchar not null,
        content_sha256 varchar not null
    )
    """,
    """
    create table run_sample (
        run_id varchar not null,
        place bigint not null,
        scenario varchar not null,
        model varchar not null,
        sample_index bigint not null,
        cluster varchar not null,
        score double,
        passed boolean,
        status varchar not null,
        latency_ms double,
        tokens_in bigint,
        tokens_out bigint,
        cost_usd double,
        artefact_sha256 varchar,
        extra json not null,
        primary key (run_id, scenario, model, sample_index)
    )
    """,
)


def apply(cursor: Cursor) -> None:
    """Create the tables of runs."""
    for statement in STATEMENTS:
        cursor.execute(statement)
