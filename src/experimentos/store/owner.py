"""The owner of a history answers the other processes of the same person.

The process that has the file open listens on a Unix socket that only its own user can reach. A
request is one line of JSON that names one method of the `Store` port; nothing else can be asked
for, and no SQL travels. Artefact bytes are Base64.
"""

import base64
import binascii
import contextlib
import json
import logging
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from experimentos.errors import (
    Conflict,
    ContractError,
    ExperimentOSError,
    MigrationError,
    NotFound,
    StoreError,
    UnreadableError,
)
from experimentos.runs.documents import Run
from experimentos.store import operations
from experimentos.store.ownership import Ownership, owner_of
from experimentos.store.port import (
    Change,
    Collected,
    Diagnosis,
    Packed,
    Query,
    Record,
    State,
    Store,
)
from experimentos.store.run_remote import RemoteRuns
from experimentos.store.run_wire import run_from_json, run_to_json
from experimentos.store.surroundings import random_bytes, utc_now
from experimentos.store.writing import json_text, record_from_json, record_to_json, with_id

logger = logging.getLogger(__name__)

# 2: runs; 3: what a run says while it works; 4: counts and scores of runs.
PROTOCOL = 4
# The kernel takes 108 bytes with the closing zero; longer paths live in a temporary folder.
LONGEST_SOCKET_PATH = 107
LONGEST_LINE = 512 * 2**20
PATIENCE_SECONDS = 30.0
# For what reads or writes the whole workspace.
LONG_SECONDS = 1_800.0
BREATH_SECONDS = 1.0
# How many owners may end during one call before it gives up.
OWNERS = 3
ERRORS = {
    error.__name__: error
    for error in (Conflict, ContractError, MigrationError, NotFound, StoreError, UnreadableError)
}

type Answer = dict[str, object]


class Broker:
    """Serve an open store to other processes until `stop`."""

    def __init__(self, store: Store, path: Path, ownership: Ownership) -> None:
        """Listen, then announce where; StoreError when no socket can be made."""
        self._store = store
        self._live: set[socket.socket] = set()
        self._stopping = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._place = _place(path)
            self._listener.bind(str(self._place))
            self._place.chmod(0o600)
            self._listener.listen(64)
        except OSError as exc:
            self._listener.close()
            raise StoreError(f"No socket could be opened for the history: {exc.strerror}.") from exc
        self._thread = threading.Thread(target=self._accept, name="history-owner", daemon=True)
        self._thread.start()
        ownership.announce(str(self._place))

    def stop(self) -> None:
        """Answer nobody any more and take the socket away; doing so twice is harmless."""
        self._stopping.set()
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock,
        ):
            # Nothing else wakes a thread that waits for a visitor, on every system.
            knock.connect(str(self._place))
        self._thread.join(PATIENCE_SECONDS)
        self._listener.close()
        for connection in tuple(self._live):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._place.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._place.parent.rmdir()

    def answer(self, line: bytes) -> bytes:
        """Return the answer to one line of request, an error included."""
        try:
            said = {"ok": self._perform(json.loads(line))}
        except ExperimentOSError as exc:
            said = {
                "error": type(exc).__name__,
                "message": exc.message,
                "hint": exc.hint,
            }
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
            said = {
                "error": "ContractError",
                "message": f"The owner of the history did not understand the request: {exc}.",
                "hint": "Both processes need the same version of ExperimentOS.",
            }
        return json_text(said, "The answer").encode() + b"\n"

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                # Too many open files, most likely: wait for some to close instead of spinning.
                logger.exception("the history could not answer a process")
                self._stopping.wait(BREATH_SECONDS)
                continue
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        self._live.add(connection)
        try:
            with connection, connection.makefile("rb") as requests:
                while (line := requests.readline(LONGEST_LINE)).endswith(b"\n"):
                    connection.sendall(self.answer(line))
        except OSError:
            logger.info("a process beside us hung up")
        finally:
            self._live.discard(connection)

    def _perform(self, request: Mapping[str, Any]) -> object:
        if request["protocol"] != PROTOCOL:
            raise ValueError(f"protocol {request['protocol']}, not {PROTOCOL}")
        store = self._store
        match request["method"]:
            case "save":
                contents = {role: _bytes(text) for role, text in request["artefacts"].items()}
                run = run_from_json(request["run"]) if request["run"] else None
                saved = store.save(record_from_json(request["record"]), contents, run)
                return record_to_json(saved)
            case "find":
                return [record_to_json(found) for found in store.find(Query(**request["query"]))]
            case "artefact":
                return _text(store.artefact(request["sha256"]))
            case "load" | "remove" | "restore" as method:
                call: Callable[[str, str], Record] = getattr(store, method)
                return record_to_json(call(request["kind"], request["id"]))
            case _:
                return operations.perform(store, request)


class RemoteStore:
    """The `Store` port, answered by the process that owns the file.

    A call whose connection broke is repeated: every method of the port may be.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime] = utc_now,
        entropy: Callable[[int], bytes] = random_bytes,
        heir: Callable[[], Store] | None = None,
    ) -> None:
        """Connect to the owner of the history at `path`; StoreError when it does not answer.

        Parameters
        ----------
        path
            The DuckDB file.
        clock, entropy
            Where ids come from.
        heir
            Opens the history when its owner has ended, so that there is an owner again.
        """
        self.path = path
        self._heir = heir
        self._inherited: list[Store] = []
        self._clock = clock
        self._entropy = entropy
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._connect()

    @property
    def runs(self) -> RemoteRuns:
        """Return the runs of this history."""
        return RemoteRuns(self.ask)

    def save(
        self,
        record: Record,
        artefacts: Mapping[str, bytes] | None = None,
        run: Run | None = None,
    ) -> Record:
        """Insert or replace the record; see `port.Store.save`."""
        # The id is made here: a repeated call then means the same record.
        named = with_id(record, self._clock(), self._entropy)
        contents = {role: _text(content) for role, content in (artefacts or {}).items()}
        said = run_to_json(run) if run is not None else None
        saved = self.ask("save", record=record_to_json(named), artefacts=contents, run=said)
        return record_from_json(saved)

    def load(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Return the record; see `port.Store.load`."""
        return record_from_json(self.ask("load", kind=kind, id=id))

    def artefact(self, sha256: str) -> bytes:
        """Return the bytes of an artefact; NotFound if absent."""
        return _bytes(self.ask("artefact", sha256=sha256))

    def find(self, query: Query) -> list[Record]:
        """Return the matching records, newest first."""
        asked = {
            "kind": query.kind,
            "text": query.text,
            "facets": dict(query.facets),
            "deleted": query.deleted,
            "before": query.before,
            "limit": query.limit,
        }
        return [record_from_json(found) for found in self.ask("find", query=asked)]

    def remove(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Put the record into the bin."""
        return record_from_json(self.ask("remove", kind=kind, id=id))

    def restore(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Take the record out of the bin."""
        return record_from_json(self.ask("restore", kind=kind, id=id))

    def state(self) -> State:
        """Return whether the owner can write just now."""
        return State(self.ask("state"))

    def diagnose(self) -> Diagnosis:
        """Let the owner read everything; see `port.Store.diagnose`."""
        return operations.diagnosis_from_json(self.ask("diagnose", patience=LONG_SECONDS))

    def collect(self, days: int, *, dry_run: bool = False) -> Collected:
        """Let the owner delete for good; see `port.Store.collect`."""
        answer = self.ask("collect", patience=LONG_SECONDS, days=days, dry_run=dry_run)
        return operations.collected_from_json(answer)

    def backup(self, target: Path) -> Packed:
        """Let the owner write a backup; see `port.Store.backup`."""
        path = str(target.resolve())
        return Packed(**self.ask("backup", patience=LONG_SECONDS, path=path))

    def pack(self, target: Path) -> Packed:
        """Let the owner write a workspace file; see `port.Store.pack`."""
        path = str(target.resolve())
        return Packed(**self.ask("pack", patience=LONG_SECONDS, path=path))

    def take_in(self, source: Path, *, dry_run: bool = False) -> tuple[Change, ...]:
        """Let the owner take a workspace file in; see `port.Store.take_in`."""
        path = str(source.resolve())
        answer = self.ask("take_in", patience=LONG_SECONDS, path=path, dry_run=dry_run)
        return tuple(Change(**change) for change in answer)

    def close(self) -> None:
        """Hang up; the file stays with its owner, unless that has become this process."""
        with self._lock:
            self._hang_up()
            while self._inherited:
                self._inherited.pop().close()

    def ask(self, method: str, *, patience: float = PATIENCE_SECONDS, **arguments: object) -> Any:
        """Return the owner's answer to one named operation, or raise the error that it had."""
        request = {"protocol": PROTOCOL, "method": method, **arguments}
        line = json_text(request, "The request").encode() + b"\n"
        with self._lock:
            answer = self._answer(line, patience)
        if "error" in answer:
            error = ERRORS.get(str(answer["error"]), StoreError)
            raise error(str(answer["message"]), hint=str(answer["hint"]))
        return answer["ok"]

    def _answer(self, line: bytes, patience: float) -> Answer:
        for _ in range(OWNERS):
            try:
                return self._exchange(line, patience)
            except OSError:
                self._hang_up()
                self._connect_again()
        try:
            return self._exchange(line, patience)
        except OSError as exc:
            self._hang_up()
            raise _unanswered(self.path) from exc

    def _exchange(self, line: bytes, patience: float) -> Answer:
        if self._connection is None:
            raise ConnectionError("hung up")
        self._connection.settimeout(patience)
        self._connection.sendall(line)
        with self._connection.makefile("rb") as answers:
            said = answers.readline(LONGEST_LINE)
        if not said.endswith(b"\n"):
            raise ConnectionError("the owner hung up before its answer was complete")
        answer: Answer = json.loads(said)
        return answer

    def _connect(self) -> None:
        place = owner_of(self.path).socket
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE_SECONDS)
        try:
            if not place:
                raise ConnectionError("nobody listens")
            connection.connect(place)
        except OSError as exc:
            connection.close()
            raise _unanswered(self.path) from exc
        self._connection = connection

    def _connect_again(self) -> None:
        try:
            self._connect()
        except StoreError:
            if self._heir is None:
                raise
            self._inherited.append(self._heir())
            self._connect()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _place(path: Path) -> Path:
    """Return a socket path in a folder of this user alone, short enough for the kernel."""
    folder = path.parent / ".owner"
    place = folder / "socket"
    if len(os.fsencode(place)) > LONGEST_SOCKET_PATH:
        return Path(tempfile.mkdtemp(prefix="experimentos-")) / "socket"
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    # Left behind by an owner that was killed; the file's claim says that it is gone.
    place.unlink(missing_ok=True)
    return place


def _unanswered(path: Path) -> StoreError:
    owned = owner_of(path)
    return StoreError(f"{owned.message[:-1]}, which does not answer.", hint=owned.hint)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise ContractError(f"An artefact did not arrive whole: {exc}.") from exc
