"""A real HTTP server that speaks the chat protocol with streams and tools; it can misbehave."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE = 20.0


@dataclass
class Answer:
    """What the server sends back to one request.

    Attributes
    ----------
    chunks : Sequence[object]
        Of a stream: dicts become events, text is sent as it is, an `Event` is waited for.
    is_dropped : bool
        The connection is closed in the middle.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    chunks: Sequence[object] | None = None
    is_dropped: bool = False
    hold: threading.Event | None = None


def message(text: str | None, *, reason: str = "stop", refusal: str | None = None) -> Answer:
    """Return a whole completion."""
    content = {"role": "assistant", "content": text, "refusal": refusal}
    return Answer(body=json.dumps(_completion(content, reason)).encode())


def uncounted(text: str) -> Answer:
    """Return a whole completion of a server that counts no tokens."""
    body = _completion({"role": "assistant", "content": text}, "stop")
    del body["usage"]
    return Answer(body=json.dumps(body).encode())


def words(*pieces: str, reason: str = "stop") -> Answer:
    """Return a stream of words with the tokens at its end."""
    return Answer(chunks=[*(delta(content=p) for p in pieces), delta(reason=reason), counts()])


def calls(*wanted: tuple[str, dict[str, Any] | str], text: str = "") -> Answer:
    """Return a stream that calls tools, the arguments in several pieces as servers send them."""
    chunks: list[object] = [delta(content=text)] if text else []
    for place, (name, arguments) in enumerate(wanted):
        written = arguments if isinstance(arguments, str) else json.dumps(arguments)
        head = {"index": place, "id": f"call_{place}", "type": "function"}
        chunks.append(delta(tool_calls=[{**head, "function": {"name": name, "arguments": ""}}]))
        for start in range(0, len(written), 40):
            part = {"arguments": written[start : start + 40]}
            chunks.append(delta(tool_calls=[{"index": place, "function": part}]))
    return Answer(chunks=[*chunks, delta(reason="tool_calls"), counts()])


def error(status: int, text: str = "no", **headers: str) -> Answer:
    """Return an error in the protocol's form."""
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps({"error": {"message": text}}).encode(), shown)


def delta(*, reason: str | None = None, **fields: object) -> dict[str, Any]:
    """Return one event of a stream."""
    choice = {"index": 0, "delta": fields, "finish_reason": reason}
    return {
        "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [choice],
    }  # fmt: skip


def counts(prompt: int = 100, completion: int = 20) -> dict[str, Any]:
    """Return the last event of a stream, with the tokens."""
    return {**delta(), "choices": [], "usage": _usage(prompt, completion)}


def _completion(content: dict[str, Any], reason: str) -> dict[str, Any]:
    return {
        "id": "c", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": content, "finish_reason": reason}],
        "usage": _usage(100, 20),
    }  # fmt: skip


def _usage(prompt: int, completion: int) -> dict[str, Any]:
    return {
        "prompt_tokens": prompt, "completion_tokens": completion,
        "total_tokens": prompt + completion, "prompt_tokens_details": {"cached_tokens": 60},
    }  # fmt: skip


class ModelServer:
    """The server; `script` decides each answer from the request and its number from 0."""

    def __init__(self, script: Callable[[dict[str, Any], int], Answer]) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.left = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                server.keys.append(self.headers.get("authorization", ""))
                server.requests.append(body)
                answer = server.script(body, len(server.requests) - 1)
                try:
                    server.send(self, answer)
                except OSError:
                    server.left.set()
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                return

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that has left is what some tests are about."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def send(self, request: BaseHTTPRequestHandler, answer: Answer) -> None:
        if answer.hold is not None:
            answer.hold.wait(PATIENCE)
        request.send_response(answer.status)
        for name, value in answer.headers.items():
            request.send_header(name, value)
        if answer.chunks is None:
            request.send_header("content-type", "application/json")
            request.send_header("content-length", str(len(answer.body)))
            request.end_headers()
            request.wfile.write(answer.body)
            return
        request.send_header("content-type", "text/event-stream")
        request.send_header("transfer-encoding", "chunked")
        request.end_headers()
        self._stream(request, answer)

    def _stream(self, request: BaseHTTPRequestHandler, answer: Answer) -> None:
        def write(text: str) -> None:
            data = text.encode()
            request.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            request.wfile.flush()

        for chunk in answer.chunks or ():
            if isinstance(chunk, threading.Event):
                chunk.wait(PATIENCE)
            else:
                write(chunk if isinstance(chunk, str) else f"data: {json.dumps(chunk)}\n\n")
        if answer.is_dropped:
            request.close_connection = True
            return
        write("data: [DONE]\n\n")
        request.wfile.write(b"0\r\n\r\n")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
