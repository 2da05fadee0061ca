"""One HTTP client for every platform, and what it means where no answer comes. URLs and headers hold secrets here:
they are in no error and no log line.

httpx is loaded with the first question: a bot that only answers needs a tenth less memory without it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from bot.message import Retry, Undeliverable, Unknown

if TYPE_CHECKING:
    import httpx

AGAIN = 5.0  # seconds to wait where there is no connection


class _Hushed(logging.Filter):
    """httpx writes every URL at INFO."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


logging.getLogger("httpx").addFilter(_Hushed())


class Client:
    """Connections, made when first needed. `timeout` in seconds, `connect` too (the same where it is 0)."""

    def __init__(self, timeout: float, connect: float = 0) -> None:
        self.timeout, self.connect = timeout, connect or timeout
        self._client: httpx.AsyncClient | None = None

    async def ask(self, method: str, url: str, **request: Any) -> httpx.Response:
        """The answer, whatever it says. Whole URLs only: httpx' `params=` would replace their query.

        Raises Retry where nothing was sent, Unknown where it was and no answer came, Undeliverable: not an address.
        """
        import httpx

        try:
            return await self._open().request(method, url, **request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Retry(f"no connection ({type(error).__name__})", AGAIN) from None
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
            raise Undeliverable(f"not an address ({type(error).__name__})") from None
        except httpx.HTTPError as error:
            raise Unknown(f"no answer ({type(error).__name__})") from None

    def _open(self) -> httpx.AsyncClient:
        import httpx

        if self._client is None:
            timeout = httpx.Timeout(self.timeout, connect=self.connect)
            self._client = httpx.AsyncClient(timeout=timeout, trust_env=False)
        return self._client

    async def close(self) -> None:
        """Lets go of the connections; a later question makes new ones."""
        client, self._client = self._client, None
        if client:
            await client.aclose()
