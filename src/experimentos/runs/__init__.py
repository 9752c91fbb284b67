"""Repeated runs and their variation."""
