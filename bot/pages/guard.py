"""Who may use the console: it plays any member, so it is for this machine alone, or for those who know the token."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from bot.config import Config

COOKIE = "zhibu_console"
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


class Closed(Exception):
    """The request may not pass; `text` says in one line why."""

    def __init__(self, text: str, status: int = 403) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


class Guard:
    """Checks every request of the console. Raises Closed."""

    def __init__(self, config: Config) -> None:
        self._token = config.web.console_token.get_secret_value()
        self._public = urlsplit(str(config.web.public_url))
        self._pass = hashlib.sha256(f"zhibu console {self._token}".encode()).hexdigest()

    def check(self, request: web.Request) -> None:
        """The client is let in, asked for a name that is ours, and was not sent by a foreign page."""
        self._check_host(request)
        if self._token:
            self._check_token(request)
        else:
            _check_near(request)
        _check_source(request)

    def _check_host(self, request: web.Request) -> None:
        """A foreign name that points to this machine (DNS rebinding) would make a foreign page one of ours."""
        name = _name(request.headers.get("Host", ""))
        if _is_loopback(name) or (self._token and name and name == self._public.hostname):
            return
        raise Closed("控制台只认本机地址；从别处打开请设置 web.console_token 和 web.public_url。")

    def _check_token(self, request: web.Request) -> None:
        given = request.cookies.get(COOKIE, "").encode("utf-8", "surrogatepass")
        if not (hmac.compare_digest(given, self._pass.encode()) or self._brings_token(request)):
            raise Closed("请用 /console?token=… 打开（web.console_token）。", 401)

    def _brings_token(self, request: web.Request) -> bool:
        given = request.query.get("token", "").encode("utf-8", "surrogatepass")
        return bool(given) and hmac.compare_digest(given, self._token.encode())

    def let_in(self, request: web.Request, response: web.StreamResponse) -> None:
        """After the token was brought once, a cookie stands for it."""
        if self._token and self._brings_token(request):
            secure = self._public.scheme == "https"
            response.set_cookie(COOKIE, self._pass, path="/console", httponly=True, samesite="Strict", secure=secure)


def _check_near(request: web.Request) -> None:
    """Without a token the client itself must be on this machine, not a proxy that speaks for others."""
    if not _is_loopback(request.remote or "") or any(header in request.headers for header in FORWARDED):
        raise Closed("控制台只在本机打开；从别处打开请设置 web.console_token。")


def _check_source(request: web.Request) -> None:
    """Only our own page may ask and send; anybody may link to the page itself."""
    page = request.method == "GET" and request.rel_url.path.rstrip("/") == "/console"
    if not page and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Closed("只接受本页面的请求。")
    if request.method in ("GET", "HEAD"):
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("Host", "").lower():
        raise Closed("只接受本页面的请求。")
    if request.content_type != "application/json":
        raise Closed("只接受 application/json。", 415)


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
