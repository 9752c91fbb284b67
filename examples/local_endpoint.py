"""A made-up language model at this machine: it speaks OpenAI's chat protocol and costs nothing.

    python -m examples.local_endpoint
    EXPERIMENTOS_LLM_BASE_URL=http://127.0.0.1:8765/v1 experimentos experiment run Tone

It knows eight capitals, more surely as model "large", when asked for one word, and at a low
temperature. The same question with the same seed gets the same answer.
"""

import hashlib
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8765
CAPITALS = {
    "France": "Paris", "Peru": "Lima", "Chad": "N'Djamena", "Fiji": "Suva",
    "Japan": "Tokyo", "Kenya": "Nairobi", "Norway": "Oslo", "Australia": "Canberra",
}  # fmt: skip
HARD = {"Chad", "Fiji", "Australia"}


def answer_to(body: dict) -> str:
    """Return what the made-up model says."""
    prompt = str(body["messages"][-1]["content"])
    country = next((name for name in CAPITALS if name in prompt), None)
    if country is None:
        return "I do not know."
    sure = 0.95 if body["model"] == "large" else 0.8
    sure += 0.05 if "one word" in prompt.lower() else 0.0
    sure -= 0.3 * float(body.get("temperature") or 0.0) * (country in HARD)
    if luck(body["model"], prompt, body.get("seed")) < sure:
        return CAPITALS[country]
    return "Sydney" if country in HARD else "Cairo"


def luck(*said: object) -> float:
    """Return a number from 0 to 1, the same for the same words."""
    digest = hashlib.sha256(repr(said).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


class Handler(BaseHTTPRequestHandler):
    """One call."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer a chat completion."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = answer_to(body)
        words = len(str(body["messages"][-1]["content"]).split())
        reply = {
            "id": "made-up", "object": "chat.completion", "created": 0, "model": body["model"],
            "choices": [
                {
                    "index": 0, "finish_reason": "stop",
                    "message": {"role": "assistant", "content": text},
                }
            ],
            "usage": {
                "prompt_tokens": words, "completion_tokens": len(text.split()),
                "total_tokens": words + len(text.split()),
            },
        }  # fmt: skip
        content = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing of single calls."""


def serve(port: int = PORT) -> ThreadingHTTPServer:
    """Return the endpoint, bound to this machine alone; 0 takes any free port."""
    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    server = serve(int(sys.argv[1]) if len(sys.argv) > 1 else PORT)
    sys.stderr.write(f"Answering at http://127.0.0.1:{server.server_address[1]}/v1\n")
    server.serve_forever()
