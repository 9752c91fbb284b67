"""Bytes of a file to a grid of text cells, and the grid to an experiment; nothing is guessed."""
