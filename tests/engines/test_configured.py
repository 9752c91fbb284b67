"""A database that the server's settings name, from its tables to a stored summary."""

import json

import pytest

from experimentos.flows import raw_rows
from experimentos.flows.raw_rows import Recipe, Roles, look, perform, sum_up
from experimentos.flows.raw_source import Place, Reach
from experimentos.metrics.contract import read_summary
from tests.postgres import HAS_POSTGRES

VARIABLE = "EXPERIMENTOS_SOURCE_SHOP"
METRICS = """\
metrics:
- {name: bought, kind: conversion, column: bought}
- {name: spend, kind: mean, column: spend}
"""


@pytest.fixture
def shop(postgres_url, monkeypatch, tmp_path):
    """The place of a database with one table of its own, read in this process."""
    import psycopg

    def converse(_command, task, heard):
        perform({**json.loads(json.dumps(task)), "folder": str(tmp_path)}, heard)
        return 0

    monkeypatch.setattr(raw_rows, "converse", converse)
    monkeypatch.setenv(VARIABLE, postgres_url)
    with psycopg.connect(postgres_url.replace("postgres://", "postgresql://", 1)) as connection:
        connection.execute(
            "CREATE TABLE configured AS SELECT i AS user_id, i % 5 = 0 AS bought, "
            "CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END AS arm, (i % 7)::float8 AS spend "
            "FROM generate_series(1, 700) AS i"
        )
    yield Place(kind="database", at=VARIABLE, name="shop")
    with psycopg.connect(postgres_url.replace("postgres://", "postgresql://", 1)) as connection:
        connection.execute("DROP TABLE configured")


if HAS_POSTGRES:

    def test_a_configured_database_is_chosen_by_table_and_leaves_no_address_behind(
        shop, tmp_path, postgres_url
    ):
        within = Reach(tmp_path / "data", tmp_path / "uploads", (VARIABLE,))
        seen = look(shop, within)
        assert "configured" in seen.tables
        assert not seen.there.types
        place = shop.model_copy(update={"table": "configured"})
        seen = look(place, within)
        assert len(seen.rows) == 700
        assert "configured" in seen.tables
        roles = Roles(variant="arm", control="a", unit="user_id")
        recipe = Recipe(place=place, roles=roles, metrics=METRICS)
        content = sum_up(recipe, within, lambda *_step: True)
        summary = read_summary(content, "x").summary
        assert summary.source.name == "shop: configured"
        control = summary.arm("a").statistics
        assert (control["bought"].n, control["bought"].k) == (350, 70)
        assert control["spend"].mean == pytest.approx(3.0, rel=1e-12)
        assert postgres_url.partition("//")[2] not in content.decode()
