"""The adapters of this process, opened once and shared by every session."""


def close() -> None:
    """Release the history file; the next call opens it again."""
