"""Raw rows to a `Summary`: one port, one file per kind of engine."""
