"""The experiment that a scientist describes."""
