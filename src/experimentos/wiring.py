"""Settings to services: the only place that picks an adapter."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from experimentos.errors import StoreError
from experimentos.issue import Issue, Severity
from experimentos.store.ownership import Owned
from experimentos.store.port import Diagnosis, Packed, Store

if TYPE_CHECKING:
    from experimentos.flows.raw_source import Reach
    from experimentos.llm.choice import Choice
    from experimentos.llm.completions import Completer
    from experimentos.llm.port import Assistant
    from experimentos.runner.port import Runner
    from experimentos.store.evaluations import Evaluations

HISTORY_FILE = "history.duckdb"
SOURCE = "EXPERIMENTOS_SOURCE_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment decides.

    Attributes
    ----------
    workspace : Path
        Folder of the history, uploads and artefacts; `EXPERIMENTOS_HOME`, default `.experimentos`.
    store : str
        `EXPERIMENTOS_STORE`: `postgresql://user@host/database` for a history on a server; "" for
        the file of the workspace.
    log_level : str
        `EXPERIMENTOS_LOG_LEVEL`, default "INFO".
    log_format : str
        `EXPERIMENTOS_LOG_FORMAT`: "plain" or "json", default "plain".
    data : Path | None
        Folder whose files the page offers as raw rows; `EXPERIMENTOS_DATA`, default `data` in the
        workspace.
    databases : tuple[str, ...]
        Variables `EXPERIMENTOS_SOURCE_NAME` that hold the URL of a database; their values are read
        where a connection is made and nowhere else.
    code : Path
        Folder that the page imports entry points from; `EXPERIMENTOS_CODE`, default the one that
        the server was started in.
    """

    workspace: Path
    log_level: str = "INFO"
    log_format: str = "plain"
    store: str = ""
    data: Path | None = None
    databases: tuple[str, ...] = ()
    code: Path = Path()


@dataclass(frozen=True, slots=True)
class Services:
    """The adapters of this process."""

    store: Store


def settings_from_environment() -> Settings:
    """Return the settings that the environment variables ask for."""
    data = os.environ.get("EXPERIMENTOS_DATA")
    return Settings(
        workspace=Path(os.environ.get("EXPERIMENTOS_HOME", ".experimentos")).resolve(),
        data=Path(data).resolve() if data else None,
        databases=tuple(sorted(n for n in os.environ if n.startswith(SOURCE) and os.environ[n])),
        log_level=os.environ.get("EXPERIMENTOS_LOG_LEVEL", "INFO"),
        log_format=os.environ.get("EXPERIMENTOS_LOG_FORMAT", "plain"),
        code=Path(os.environ.get("EXPERIMENTOS_CODE", ".")).resolve(),
        store=os.environ.get("EXPERIMENTOS_STORE", "").strip(),
    )


def reach(settings: Settings) -> "Reach":
    """Return what pages may read raw rows from."""
    from experimentos.flows.raw_source import Reach

    return Reach(
        settings.data or settings.workspace / "data",
        settings.workspace / "uploads",
        settings.databases,
    )


def open_services(settings: Settings, *, serve: bool = False) -> Services:
    """Open the adapters that the settings ask for; the caller closes `store` when it is done.

    The workspace is made if it does not exist, readable by its owner alone. When another process
    has the history and serves it, that process answers. A history on a server is open to many.

    Parameters
    ----------
    settings
    serve
        Answer the commands of the same person beside us: for a process that stays, as the app.

    Raises
    ------
    StoreError
        If the workspace cannot be made or its history cannot be opened; a process that keeps it
        to itself for more than 30 seconds is named.
    MigrationError
        If the history is newer than this program.
    """
    from experimentos.flows.analysis_runs import link_analyses
    from experimentos.store.opening import open_server, open_store

    try:
        settings.workspace.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise StoreError(
            f"The workspace {settings.workspace} cannot be made: {exc.strerror}.",
            hint="Set EXPERIMENTOS_HOME to a folder that you may write to.",
        ) from exc
    if settings.store:
        store = open_server(settings.store)
    else:
        store = open_store(settings.workspace / HISTORY_FILE, serve=serve)
    link_analyses(store)
    return Services(store=store)


def diagnose_workspace(settings: Settings) -> Diagnosis:
    """Examine the history of a workspace; one that cannot be opened is an issue, not an error.

    Raises
    ------
    Owned
        If a process that answers nobody has it.
    """
    try:
        store = open_services(settings).store
    except Owned:
        raise
    except StoreError as exc:
        issue = Issue("history_unopened", Severity.BLOCKED, exc.message, exc.hint)
        return Diagnosis({}, (issue,))
    try:
        return store.diagnose()
    finally:
        store.close()


def back_up(settings: Settings, target: Path | None = None, keep: int = 7) -> Packed:
    """Write a backup of a workspace; its owner does so while the app is running.

    Parameters
    ----------
    settings
    target
        The file; left out, one in `backups/` of the workspace, of which the newest stay.
    keep
        How many of those.

    Raises
    ------
    StoreError
        As `store.port.Store.backup`.
    """
    from experimentos.store.backup import SUFFIX, keep_newest
    from experimentos.store.surroundings import utc_now

    folder = settings.workspace / "backups"
    name = f"history-{utc_now():%Y%m%dT%H%M%S%f}{SUFFIX}"
    store = open_services(settings).store
    try:
        if target is not None or settings.store:
            return store.backup(target or folder / name)
        folder.mkdir(mode=0o700, exist_ok=True)
        packed = store.backup(folder / name)
        keep_newest(folder, keep)
    finally:
        store.close()
    return packed


def restore_workspace(settings: Settings, source: Path) -> tuple[Packed, Path | None]:
    """Put a backup in the place of a workspace's history; see `store.backup.restore_backup`.

    Raises
    ------
    StoreError
        If the history is on a server.
    """
    from experimentos.store.backup import restore_backup

    if settings.store:
        raise StoreError(
            f"{source.name} was not restored: EXPERIMENTOS_STORE names a PostgreSQL server.",
            hint="Restore the database with psql or pg_restore, or take an exported workspace in "
            "with experimentos import.",
        )
    settings.workspace.mkdir(mode=0o700, parents=True, exist_ok=True)
    return restore_backup(source, settings.workspace / HISTORY_FILE)


def open_private_services() -> Services:
    """Return adapters that keep everything in memory, for one visitor of a public server."""
    from experimentos.store.memory import MemoryStore

    return Services(store=MemoryStore())


def open_store(workspace: str | Path | None = None, *, serve: bool = False) -> Store:
    """Open the history of a workspace; close it when you are done.

    Parameters
    ----------
    workspace
        Folder; left out, what `EXPERIMENTOS_STORE` or `EXPERIMENTOS_HOME` names.
    serve
        Answer commands and the app meanwhile: for what keeps it open for long.

    Raises
    ------
    StoreError, MigrationError
        As `open_services`.
    """
    settings = settings_from_environment()
    if workspace is not None:
        settings = replace(settings, workspace=Path(workspace).resolve(), store="")
    return open_services(settings, serve=serve).store


def open_runner() -> "Runner":
    """Return what executes entry points: child processes with our rights, no sandbox."""
    from experimentos.runner.local import LocalRunner

    return LocalRunner(settings_from_environment().workspace)


def open_completer() -> "Completer":
    """Return what answers the prompts of an evaluation: the endpoint that the settings name.

    Raises
    ------
    LlmUnavailable
        If none is named.
    """
    from experimentos.llm.openai_completions import OpenAiCompleter
    from experimentos.llm.settings import named_endpoint

    settings = named_endpoint()
    return OpenAiCompleter(settings.base_url, settings.key)


def open_assistant(chosen: "Choice") -> "Assistant":
    """Return who helps with designs: a model with the rules behind it, or the rules alone."""
    from experimentos.llm.rules import RuleAssistant

    if not chosen.has_model:
        return RuleAssistant()
    from experimentos.llm.endpoint import Endpoint
    from experimentos.llm.fallback import WithRules
    from experimentos.llm.openai import OpenAIAssistant

    model = OpenAIAssistant(Endpoint(chosen.settings, chosen.limits))
    return WithRules(model, RuleAssistant())


def evaluations_of(settings: Settings) -> "Evaluations":
    """Return the evaluations that a workspace holds."""
    from experimentos.store.evaluations import Evaluations

    return Evaluations(settings.workspace)
