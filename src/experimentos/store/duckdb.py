"""History in one DuckDB file, owned by one process."""
