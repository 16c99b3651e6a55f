"""Which requests the server answers: those of this computer, to this server, by whoever knows the address with its token."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

HOST = "127.0.0.1"
"""The loopback address: nothing outside this computer can reach it."""
NAMES = (HOST, "localhost")
"""By which a browser may call this computer. A page of another site that its name server leads here calls it otherwise."""
TOKEN_BYTES = 32
"""256 bits, which nobody guesses."""
FORBIDDEN = b"403: this address needs its token. Open the address that `smilejax app` printed."

Message = MutableMapping[str, object]
Scope = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


def new_token() -> str:
    """A token that is drawn anew for each start of the server."""
    return secrets.token_urlsafe(TOKEN_BYTES)


@dataclass(frozen=True)
class Access:
    """What a request must have.

    Arguments:
        port: on which the server listens.
        token: that requests must have, as the parameter `token` of the address or in the cookie.
    """

    port: int
    token: str

    @property
    def address(self) -> str:
        """To be opened in a browser."""
        return f"http://{HOST}:{self.port}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """Name of the cookie. Cookies do not tell ports apart, so that its name does."""
        return f"smilejax-{self.port}"

    def is_own(self, headers: Mapping[str, str]) -> bool:
        """Whether a request was meant for this server, and comes from one of its own pages where a page sent it."""
        hosts = [f"{name}:{self.port}" for name in NAMES]
        if headers.get("host") not in hosts:
            return False
        return "origin" not in headers or headers["origin"] in [f"http://{host}" for host in hosts]

    def is_known(self, headers: Mapping[str, str], query: str) -> bool:
        """Whether a request has the token. Compared in a time that does not depend on how much of it is right."""
        return self.has_token_in_address(query) or self._matches(_cookie(headers.get("cookie", ""), self.cookie))

    def has_token_in_address(self, query: str) -> bool:
        """Whether the address has the token."""
        return self._matches((parse_qs(query).get("token") or [""])[0])

    def _matches(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self.token.encode())


def _cookie(header: str, name: str) -> str:
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def policy(port: int) -> str:
    """What a page may load: only what this server gives. Vue compiles its templates in the page, which needs `unsafe-eval`."""
    here = " ".join(f"ws://{name}:{port}" for name in NAMES)
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' {here}; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:"
)
"""What a report may do, which is a file like others: run its own scripts, load nothing, and reach nothing of this server."""


class Gate:
    """Stands before the whole server, its websockets included.

    Arguments:
        app: what stands behind. access: what a request must have.
    """

    def __init__(self, app: Application, access: Access) -> None:
        self.app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):  # start and end of the server
            await self.app(scope, receive, send)
            return
        headers = _headers(scope)
        query = _text(scope.get("query_string", b""))
        if not (self._access.is_own(headers) and self._access.is_known(headers, query)):
            await _refuse(scope, send)
        elif scope["type"] == "http" and scope["path"] == "/" and self._access.has_token_in_address(query):
            await self._let_in(send)
        else:
            await self.app(scope, receive, self._guarded(send))

    async def _let_in(self, send: Send) -> None:
        """Keep the token in a cookie and lead on to the address without it, which may stand in a history."""
        cookie = f"{self._access.cookie}={self._access.token}; Path=/; HttpOnly; SameSite=Strict"
        headers = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _guarded(self, send: Send) -> Send:
        """Adds to every answer what pages may do."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", [])
                assert isinstance(given, list)
                names = {name.lower() for name, _ in given}
                usual = {
                    b"content-security-policy": policy(self._access.port).encode(),
                    b"x-content-type-options": b"nosniff",
                    b"referrer-policy": b"no-referrer",
                    b"cross-origin-resource-policy": b"same-origin",
                    b"cross-origin-opener-policy": b"same-origin",
                }
                own = [(name, value) for name, value in usual.items() if name not in names]
                message = {**message, "headers": [*given, *own]}
            await send(message)

        return guarded


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before it was accepted: answered by 403
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": FORBIDDEN})


def _headers(scope: Scope) -> dict[str, str]:
    """Headers by their names; a name that comes twice has no value that would be right."""
    given = scope.get("headers", [])
    assert isinstance(given, Iterable)
    found: dict[str, str] = {}
    for name, value in given:
        key = _text(name).lower()
        found[key] = _text(value) if key not in found or key == "cookie" else "\0"
    return found


def _text(raw: object) -> str:
    assert isinstance(raw, bytes)
    return raw.decode("latin-1")
