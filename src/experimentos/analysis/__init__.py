"""What the data says: one file per method."""
