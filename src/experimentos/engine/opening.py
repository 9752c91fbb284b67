"""An address to an engine, opened: a local file, or a database by its URL."""

import os
import re
from pathlib import Path

from experimentos.engine.files import find
from experimentos.engine.port import Engine
from experimentos.errors import ContractError

FROM_ENVIRONMENT = "env:"
PASSWORD = re.compile(r"[^:]+://[^/#?@]*:[^/#?]*@")


def open_engine(
    address: str, exposures: str | None = None, *, inside: Path | None = None
) -> Engine:
    """Open a source; the caller closes it.

    Parameters
    ----------
    address
        Path or pattern of files (`users.parquet`, `raw/*.parquet`, `shop.duckdb#orders`), a
        database URL without a password (`postgres://host/shop#public.orders`), or `env:NAME` for
        the URL that an environment variable holds; `env:NAME#schema.table` adds the table.
    exposures
        Address of the exposure table: files like those of the source, or `#table` for another
        table of the same database.
    inside
        The only folder whose files may be read (see `files.find`); a URL is then refused, too.

    Raises
    ------
    ContractError
        If the address cannot be read as one.
    UnreadableError
        If the file is not there or is not of the form that it claims.
    EngineError
        If the engine failed; Unsupported if a driver is missing.
    """
    typed, address = address, _from_environment(address, inside)
    if "://" not in address:
        from experimentos.engine.duckdb import DuckDbEngine

        files = find(address, inside=inside)
        if exposures is None:
            return DuckDbEngine(files)
        return DuckDbEngine(files, find(_beside(address, exposures), inside=inside))
    if inside is not None:
        raise ContractError(
            "A database is opened from the command line or from Python.",
            hint="Run experimentos summarize there and upload the summary.",
        )
    if PASSWORD.match(address) and not typed.startswith(FROM_ENVIRONMENT):
        raise ContractError(
            "The address holds a password.",
            hint="Leave it to the driver (PGPASSWORD), or put the whole URL into a variable of the "
            "environment and name that: env:NAME.",
        )
    from experimentos.engine.ibis import connect

    return connect(address, None if exposures is None else _table_of(address, exposures))


def _beside(address: str, exposures: str) -> str:
    """Return the address of exposures that may be named as `#table` of the source."""
    return address.partition("#")[0] + exposures if exposures.startswith("#") else exposures


def _table_of(address: str, exposures: str) -> str:
    """Return the name of an exposure table of the same database."""
    database, _, table = _beside(address, exposures).partition("#")
    if not table or database != address.partition("#")[0]:
        raise ContractError(
            "The exposures are not in the database of the rows.",
            hint="Name another table of it: --exposures '#schema.table'.",
        )
    return table


def _from_environment(address: str, inside: Path | None) -> str:
    if not address.startswith(FROM_ENVIRONMENT) or inside is not None:
        return address
    name, hash_mark, table = address.removeprefix(FROM_ENVIRONMENT).partition("#")
    found = os.environ.get(name)
    if not found:
        raise ContractError(
            f"The environment has no variable {name}.", hint="Set it to the URL of the database."
        )
    if hash_mark and "#" in found:
        raise ContractError(
            f"The URL in {name} names its table already.", hint="Leave out what follows the #."
        )
    return found + hash_mark + table
