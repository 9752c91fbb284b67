"""A DuckDB connection that reaches nothing but its own file."""

from pathlib import Path

import duckdb

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "threads": "2",
    "memory_limit": "1GB",
    "max_temp_directory_size": "2GB",
}

type Connection = duckdb.DuckDBPyConnection


def connected(path: Path) -> Connection:
    """Open a file, making it if it does not exist, with a configuration that stays."""
    connection = duckdb.connect(str(path), config=CONFIG)
    connection.execute("set lock_configuration = true")
    return connection
