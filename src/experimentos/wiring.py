"""Settings to services: the only place that picks an adapter."""

import os
from dataclasses import dataclass
from pathlib import Path

from experimentos.store.port import Store


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment decides.

    Attributes
    ----------
    workspace : Path
        Folder of the history, uploads and artefacts; `EXPERIMENTOS_HOME`, default `.experimentos`.
    log_level : str
        `EXPERIMENTOS_LOG_LEVEL`, default "INFO".
    log_format : str
        `EXPERIMENTOS_LOG_FORMAT`: "plain" or "json", default "plain".
    """

    workspace: Path
    log_level: str = "INFO"
    log_format: str = "plain"


@dataclass(frozen=True, slots=True)
class Services:
    """The adapters of this process."""

    store: Store


def settings_from_environment() -> Settings:
    """Return the settings that the environment variables ask for."""
    return Settings(
        workspace=Path(os.environ.get("EXPERIMENTOS_HOME", ".experimentos")).resolve(),
        log_level=os.environ.get("EXPERIMENTOS_LOG_LEVEL", "INFO"),
        log_format=os.environ.get("EXPERIMENTOS_LOG_FORMAT", "plain"),
    )
