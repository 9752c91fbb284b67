"""Whether this data may be analysed: one file per check."""
