"""Who follows a scan while it goes on."""

from typing import Protocol

from experimentos.engine.port import Engine


class Watch(Protocol):
    """Someone who follows a scan."""

    def opened(self, engine: Engine) -> None:
        """Take the engine, which may tell how far it is."""
        ...

    def step(self, doing: str) -> None:
        """Hear what the next pass is for."""
        ...


class Nobody:
    """A watch that looks away."""

    def opened(self, engine: Engine) -> None:
        """Let the engine work."""

    def step(self, doing: str) -> None:
        """Let the pass begin."""


NOBODY = Nobody()
