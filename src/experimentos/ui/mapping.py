"""Map your columns: when a file calls things differently."""

from experimentos.metrics.contract import Reading


def mapping_step(reading: Reading) -> None:
    """Draw which column is which, when the reader could not tell."""
