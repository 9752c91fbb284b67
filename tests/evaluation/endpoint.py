"""A real HTTP server that speaks the chat protocol, and misbehaves on demand."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """What the endpoint sends back."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None


@dataclass
class Asked:
    """One call as the endpoint saw it."""

    model: str
    prompt: str
    body: dict
    attempt: int


def answer(text: str, tokens: tuple[int, int] | None = (10, 5), reason: str = "stop") -> Reply:
    """Return a well-formed completion."""
    message = {"role": "assistant", "content": text}
    body: dict = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
    }
    if tokens:
        body["usage"] = {
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "total_tokens": sum(tokens),
        }
    return Reply(body=json.dumps(body).encode())


def error(status: int, message: str = "no", **headers: str) -> Reply:
    """Return an error in the protocol's form."""
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps({"error": {"message": message}}).encode(), shown)


class Endpoint:
    """The server; `script` decides each reply, `calls` remembers what was asked."""

    def __init__(self, script: Callable[[Asked], Reply]) -> None:
        self.script = script
        self.calls: list[Asked] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        self._attempts: Counter = Counter()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                size = int(self.headers["content-length"])
                endpoint.serve(self, json.loads(self.rfile.read(size)))

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def serve(self, request: BaseHTTPRequestHandler, body: dict) -> None:
        prompt = body["messages"][-1]["content"]
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            key = (body["model"], prompt, body.get("seed"))
            self._attempts[key] += 1
            asked = Asked(body["model"], prompt, body, self._attempts[key])
            self.calls.append(asked)
        reply = self.script(asked)
        if reply.hold is not None:
            reply.hold.wait(30)
        with self._lock:
            self._now -= 1
        try:
            request.send_response(reply.status)
            request.send_header("content-type", "application/json")
            request.send_header("content-length", str(len(reply.body)))
            for name, value in reply.headers.items():
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(reply.body)
        except OSError:
            return

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
