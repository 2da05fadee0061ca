"""A free port, printed before the server is asked; without an access log, as ours."""

from __future__ import annotations

import socket
from typing import Any


def listening() -> socket.socket:
    """A socket that listens already, so that nobody who reads the port comes too early."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind(("127.0.0.1", 0))
    found.listen(1024)
    return found


def uvicorn_on(uvicorn: Any, app: Any) -> None:
    """Serves an ASGI application with uvicorn's fastest parts (uvloop, httptools)."""
    taken = listening()
    print(taken.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False, loop="uvloop", http="httptools")
    uvicorn.Server(config).run(sockets=[taken])
