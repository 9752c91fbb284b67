"""Code in child processes: one job, its events, its result."""
