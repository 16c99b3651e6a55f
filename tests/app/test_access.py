"""Which requests are answered: with the token, by a name of this computer, from its own pages."""

import asyncio

import pytest

from smilejax.app.access import Access, Gate, new_token, policy

ACCESS = Access(8123, "right-token")
HOST = (b"host", b"127.0.0.1:8123")
COOKIE = (b"cookie", b"other=1; smilejax-8123=right-token")


def asked(kind: str = "http", headers=(HOST, COOKIE), query: bytes = b"", path: str = "/page") -> list[dict]:
    """What a request is answered with; `inside` where it reached the app."""
    sent: list[dict] = []

    async def inside(scope, receive, send) -> None:
        await send({"type": "inside"})
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame", b"1")]})

    async def send(message) -> None:
        sent.append(message)

    scope = {"type": kind, "path": path, "headers": list(headers), "query_string": query}
    asyncio.run(Gate(inside, ACCESS)(scope, None, send))
    return sent


def let_in(**how) -> bool:
    return asked(**how)[0]["type"] == "inside"


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_the_token_opens(kind: str) -> None:
    assert let_in(kind=kind)
    assert let_in(kind=kind, headers=(HOST,), query=b"token=right-token")
    assert let_in(kind=kind, headers=((b"Host", b"localhost:8123"), COOKIE))
    assert let_in(kind=kind, headers=(HOST, COOKIE, (b"origin", b"http://127.0.0.1:8123")))


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ((HOST,), b""),
        ((HOST,), b"token="),
        ((HOST,), b"token=right-toke"),
        ((HOST,), b"token=right-tokens"),
        ((HOST,), "token=\u00e9".encode()),
        ((HOST, (b"cookie", b"smilejax-8123=wrong")), b""),
        ((HOST, (b"cookie", b"smilejax-9999=right-token")), b""),
        ((HOST,), b"Token=right-token"),
        ((COOKIE,), b""),
        (((b"host", b"evil.example:8123"), COOKIE), b"token=right-token"),
        (((b"host", b"127.0.0.1:8124"), COOKIE), b""),
        (((b"host", b"127.0.0.1"), COOKIE), b""),
        ((HOST, (b"host", b"evil.example"), COOKIE), b""),
        (((b"host", b"evil.example"), HOST, COOKIE), b""),
        ((HOST, COOKIE, (b"origin", b"http://evil.example")), b""),
        ((HOST, COOKIE, (b"origin", b"null")), b""),
    ],
)
def test_everything_else_is_refused(kind: str, headers, query: bytes) -> None:
    first = asked(kind, headers, query)[0]
    assert first == {"type": "websocket.close", "code": 1008} or first["status"] == 403


def test_the_address_without_the_token_follows() -> None:
    (first, _) = asked(headers=(HOST,), query=b"token=right-token", path="/")
    headers = dict(first["headers"])
    assert (first["status"], headers[b"location"]) == (303, b"/")
    assert headers[b"set-cookie"] == b"smilejax-8123=right-token; Path=/; HttpOnly; SameSite=Strict"


def test_pages_may_load_from_here_only() -> None:
    headers = dict(asked()[1]["headers"])
    assert headers[b"content-security-policy"].decode() == policy(8123)
    assert "default-src 'self'" in policy(8123)
    assert "http:" not in policy(8123)
    assert headers[b"x-frame"] == b"1"
    assert headers[b"referrer-policy"] == b"no-referrer"


def test_the_start_of_the_server_needs_no_token() -> None:
    assert let_in(kind="lifespan", headers=())


def test_a_token_is_long_and_drawn_anew() -> None:
    assert len({new_token() for _ in range(3)}) == 3
    assert len(new_token()) >= 43
