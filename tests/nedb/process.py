"""The Node process behind the oracle."""

import atexit
import json
import os
import subprocess
import threading
from typing import Any


class OracleError(Exception):
    """The oracle itself failed: the question was wrong, or Node ended."""


class Node:
    """A Node process that answers a line for a line.

    It ends by itself when its input ends, so it can't outlive the tests.
    """

    def __init__(self, command: list[str]) -> None:
        self._asked = 0
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TZ": "UTC", "NODE_OPTIONS": ""},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions, self._answers = self._process.stdin, self._process.stdout
        atexit.register(self._end)

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def ask(self, request: dict[str, Any], *, patience_seconds: float) -> Any:
        with self._lock:
            self._asked += 1
            answer = self._exchange({"id": self._asked, **request}, patience_seconds)
        if not answer["ok"]:
            raise OracleError(answer["error"])
        return answer["result"]

    def _exchange(self, request: dict[str, Any], patience_seconds: float) -> dict[str, Any]:
        alarm = threading.Timer(patience_seconds, self._process.kill)
        alarm.start()
        try:
            # ASCII, since Node takes U+2028 for the end of a line too.
            self._questions.write(json.dumps(request, allow_nan=False).encode() + b"\n")
            self._questions.flush()
            line = self._answers.readline()
        except BrokenPipeError:
            line = b""
        finally:
            alarm.cancel()
        answer = json.loads(line) if line.endswith(b"\n") else {"id": None}
        if answer["id"] != request["id"]:
            self._end()
            raise OracleError(f"Node ended, or did not answer in {patience_seconds:.0f} s")
        return answer

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()
