"""Before the data: what was planned."""
