"""What to do: ordered rules, first match wins."""

from experimentos.decision.rules import RULES

__all__ = ["RULES"]
