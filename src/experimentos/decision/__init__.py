"""What to do: ordered rules, first match wins."""
