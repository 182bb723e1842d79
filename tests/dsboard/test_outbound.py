"""The one way out, against real servers on this machine that answer well, badly, slowly, endlessly or not at all."""

import ssl
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest

from dsboard import outbound
from dsboard.destinations import Allowed, Destination, Trouble, Unreachable
from dsboard.outbound import LARGEST, Answer, send
from tests.dsboard.receiver import CERTIFICATE, Receiver, Script, answer, receiver, sends
from tests.processes import free_port

HERE = Allowed.of(["127.0.0.1"])
#: what no try may take longer than, with much patience for a busy machine
BOUND = 8.0


@pytest.fixture(autouse=True)
def no_way_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment would be a way round every check."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same deadline, sooner."""
    monkeypatch.setattr(outbound, "SECONDS", 1.0)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """`names(["127.0.0.1"], ["10.0.0.1"])`: what every name leads to at the first, second… look-up; returns who was asked for."""

    def install(*answers: list[str]) -> list[str]:
        asked: list[str] = []

        def look_up(host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            return [(0, 0, 0, "", (address, port)) for address in answers[min(len(asked), len(answers)) - 1]]

        monkeypatch.setattr(outbound.socket, "getaddrinfo", look_up)
        return asked

    return install


def say(url: str, body: bytes = b"{}", allow: Allowed = HERE, **headers: str) -> Answer:
    return send(url, body, headers, allow=allow)


def trouble(url: str, body: bytes = b"{}", allow: Allowed = HERE) -> tuple[Trouble, str]:
    """What went wrong and what it says; it never takes longer than the deadline."""
    began = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        send(url, body, {}, allow=allow)
    assert time.monotonic() - began < BOUND
    assert "/hook" not in caught.value.sentence
    return caught.value.trouble, caught.value.sentence


# ── all well ──


def test_a_post_arrives_as_it_was_said_and_the_answer_comes_back() -> None:
    with receiver(answer(201, "Thank you, señor")) as there:
        came = send(f"{there.url}?key=a%2Fb", "{“é”}".encode(), {"Content-Type": "application/json", "X-Mine": "1"}, allow=HERE)
    assert came == Answer(201, "Thank you, señor")
    request = there.requests[0]
    assert (request.line, request.body.decode()) == ("POST /hook?key=a%2Fb HTTP/1.1", "{“é”}")
    expected = {"Host": f"127.0.0.1:{there.port}", "Content-Type": "application/json", "X-Mine": "1", "User-Agent": "dsboard"}
    expected |= {"Connection": "close", "Content-Length": str(len(request.body)), "Accept-Encoding": "identity"}
    assert request.headers == expected


def test_the_setting_says_which_internal_hosts_are_open(settings: Any) -> None:
    with receiver() as there:
        with pytest.raises(Unreachable, match=r"^127\.0\.0\.1 is not on the public Internet, .* DSBOARD_WEBHOOK_ALLOW\.$"):
            send(there.url, b"", {})
        assert there.requests == []
        settings.WEBHOOK_ALLOW = Allowed.of([f"127.0.0.1:{there.port}"])
        assert send(there.url, b"", {}).status == 200


@pytest.mark.parametrize("status", [204, 304, 400, 404, 410, 429, 500, 503])
def test_every_status_is_an_answer(status: int) -> None:
    with receiver(answer(status, "" if status in (204, 304) else "No.")) as there:
        assert say(there.url).status == status


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    with receiver() as inside, receiver(answer(status, "", f"Location: {inside.url}")) as there:
        assert say(there.url).status == status
    assert (len(there.requests), len(inside.requests)) == (1, 0)


def test_no_cookie_is_kept() -> None:
    with receiver(answer(200, "ok", "Set-Cookie: a=b; Path=/")) as there:
        say(there.url), say(there.url)
    assert [request.headers.get("Cookie") for request in there.requests] == [None, None]


def test_an_answer_in_pieces_is_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with receiver(sends(head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n", hold=True)) as there:
        assert say(there.url).text == "abcde"


def test_what_is_no_text_becomes_some() -> None:
    with receiver(sends(b"HTTP/1.0 200 OK\r\n\r\n\xff\xfe\x00a")) as there:
        assert say(there.url).text == "\ufffd\ufffd\x00a"


# ── where the connection goes ──


def test_a_name_is_asked_for_once_and_a_second_answer_is_never_heard(names: Any) -> None:
    asked = names(["127.0.0.1"], ["10.255.255.1"])
    with receiver() as there:
        assert say(f"http://hooks.test:{there.port}/x").status == 200
    assert asked == ["hooks.test"]
    assert there.requests[0].headers["Host"] == f"hooks.test:{there.port}"


def test_a_name_that_turns_to_this_machine_after_the_check_is_not_followed(names: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, reached = names(["93.184.216.34"], ["127.0.0.1"]), []

    def reach(addresses: list[Any], port: int, until: float) -> Any:
        reached.append((addresses, port))
        raise ConnectionRefusedError

    monkeypatch.setattr(outbound, "reach", reach)
    with receiver() as there:
        assert trouble(f"http://hooks.test:{there.port}/", allow=Allowed())[0] == Trouble.REFUSED
    assert (asked, reached) == (["hooks.test"], [([ip_address("93.184.216.34")], there.port)])
    assert there.requests == []


@pytest.mark.parametrize("bad", ["10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_answer_of_several_spoils_the_name(names: Any, monkeypatch: pytest.MonkeyPatch, bad: str, place: int) -> None:
    answers = ["93.184.216.34", "2606:2800:220:1::1"]
    answers.insert(place, bad)
    names(answers)
    monkeypatch.setattr(outbound, "reach", lambda *_: pytest.fail("nothing may be called"))
    kind, sentence = trouble("https://hooks.test/", allow=Allowed())
    assert kind == Trouble.ADDRESS
    assert bad not in sentence


def test_a_name_that_leads_here_is_refused_unless_it_is_allowed(names: Any) -> None:
    names(["127.0.0.1", "127.0.0.1"])
    with receiver() as there:
        assert trouble(f"http://localhost:{there.port}/", allow=Allowed())[0] == Trouble.ADDRESS
        assert say(f"http://localhost:{there.port}/", allow=Allowed.of(["localhost"])).status == 200


def test_the_next_address_is_tried_when_one_refuses(names: Any) -> None:
    names(["127.0.0.2", "127.0.0.1"])
    with receiver() as there:
        assert say(f"http://hooks.test:{there.port}/", allow=Allowed.of(["127.0.0.0/8"])).status == 200


def test_a_name_that_nobody_knows(names: Any) -> None:
    names([])
    kind, sentence = trouble("https://hooks.test/")
    assert (kind, sentence) == (Trouble.NAME, "There is no host named hooks.test, as far as this server can tell.")


def test_a_look_up_that_fails_is_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise outbound.socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(outbound.socket, "getaddrinfo", fail)
    assert trouble("https://hooks.test/")[0] == Trouble.NAME


def test_a_look_up_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "LOOKUP_SECONDS", 0.3)
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *_, **__: time.sleep(5) or [])
    kind, sentence = trouble("https://hooks.test/")
    assert (kind, sentence) == (Trouble.TIME, "Looking up the name hooks.test took too long.")


# ── when it goes wrong ──


def test_a_port_where_nobody_listens() -> None:
    kind, sentence = trouble(f"http://127.0.0.1:{free_port()}/hook")
    assert (kind, sentence) == (Trouble.REFUSED, "127.0.0.1 refused the connection. Is the port right, and does the service run?")


NOT_HTTP = {
    "another protocol": sends(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "garbage": sends(bytes(range(256)) * 8),
    "no status": sends(b"HTTP/1.1\r\n\r\n"),
    "a status that is none": sends(b"HTTP/1.1 abc OK\r\n\r\n"),
    "a status too small": sends(b"HTTP/1.1 7 OK\r\n\r\n"),
    "an endless first line": sends(over_and_over=b"H" * 1000),
    "a huge header": sends(b"HTTP/1.1 200 OK\r\nX-Huge: " + b"x" * 70_000 + b"\r\n\r\nok"),
    "endless headers": sends(b"HTTP/1.1 200 OK\r\n", over_and_over=b"X-One: more\r\n"),
}


@pytest.mark.parametrize("script", NOT_HTTP.values(), ids=NOT_HTTP)
def test_what_is_not_http(script: Script) -> None:
    with receiver(script) as there:
        kind, sentence = trouble(there.url)
    assert (kind, sentence) == (Trouble.ANSWER, "What 127.0.0.1 answered is not HTTP. Is the port right?")


def test_who_closes_without_a_word() -> None:
    with receiver(lambda talk: talk.close()) as there:
        assert trouble(there.url)[0] == Trouble.BROKEN


def test_who_says_wait_for_ever_is_cut_off(hurried: None) -> None:
    with receiver(sends(over_and_over=b"HTTP/1.1 100 Continue\r\n\r\n")) as there:
        assert trouble(there.url)[0] in (Trouble.ANSWER, Trouble.BROKEN, Trouble.TIME)


SLOW = {
    "silence": sends(hold=True),
    "a first line a byte at a time": sends(over_and_over=b"H", pause=0.2),
    "a header a byte at a time": sends(b"HTTP/1.1 200 OK\r\nX-Slow: ", over_and_over=b"x", pause=0.2),
    "headers that never end": sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", hold=True),
}


@pytest.mark.parametrize("script", SLOW.values(), ids=SLOW)
def test_who_is_slow_is_cut_off(script: Script, hurried: None) -> None:
    with receiver(script) as there:
        kind, sentence = trouble(there.url)
    assert (kind, sentence) == (Trouble.TIME, "127.0.0.1 did not answer within 1 seconds.")


def test_five_seconds_are_all_there_is() -> None:
    with receiver(sends(b"HTTP/1.1 200 OK\r\n", over_and_over=b"X", pause=1.0)) as there:
        kind, sentence = trouble(there.url)
    assert (kind, sentence) == (Trouble.TIME, "127.0.0.1 did not answer within 5 seconds.")


def test_who_does_not_take_what_is_sent_is_cut_off(hurried: None) -> None:
    with receiver() as there:
        there.serve = lambda connection, _: time.sleep(5)  # type: ignore[method-assign]
        assert trouble(there.url, body=b"x" * 30_000_000)[0] == Trouble.TIME


ENDLESS = {
    "plain": sends(b"HTTP/1.1 200 OK\r\n\r\n", over_and_over=b"x" * 1000),
    "chunked": sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", over_and_over=b"3e8\r\n" + b"x" * 1000 + b"\r\n"),
    "with a length": sends(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", over_and_over=b"x" * 1000),
}


@pytest.mark.parametrize("script", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_answer_is_cut_at_64_kib(script: Script) -> None:
    with receiver(script) as there:
        assert say(there.url) == Answer(200, "x" * LARGEST)


CUT = {
    "a body a byte at a time": (sends(b"HTTP/1.1 200 OK\r\n\r\n", over_and_over=b"x", pause=0.2), "x"),
    "a body that stops": (sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", hold=True), "ab"),
    "a body cut off": (sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"), "ab"),
    "a chunk that is none": (sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n"), "ab"),
}


@pytest.mark.parametrize(("script", "text"), CUT.values(), ids=CUT)
def test_once_the_status_is_known_a_body_that_goes_wrong_is_only_cut(script: Script, text: str, hurried: None) -> None:
    began = time.monotonic()
    with receiver(script) as there:
        came = say(there.url)
    assert time.monotonic() - began < BOUND
    assert came.status == 200
    assert came.text.startswith(text)


def test_a_header_with_a_line_break_is_never_sent() -> None:
    with receiver() as there, pytest.raises(Unreachable):
        say(there.url, **{"X-Mine": "a\r\nX-Evil: b"})
    assert [request for request in there.requests if "X-Evil" in request.headers] == []


# ── encrypted ──


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the certificate of hooks.test came from somebody whom this system trusts."""
    monkeypatch.setattr(outbound, "trust", lambda *_: ssl.create_default_context(cafile=str(CERTIFICATE)))


def secure(there: Receiver, host: str = "hooks.test") -> str:
    return f"https://{host}:{there.port}/hook"


def test_the_name_is_kept_for_the_certificate_although_the_address_is_called(names: Any, trusting: None) -> None:
    names(["127.0.0.1"])
    with receiver(secure=True) as there:
        assert say(secure(there)) == Answer(200, "ok")
    assert there.names == ["hooks.test"]
    assert there.requests[0].headers["Host"] == f"hooks.test:{there.port}"


def test_a_certificate_by_nobody(names: Any) -> None:
    names(["127.0.0.1"])
    with receiver(secure=True) as there:
        kind, sentence = trouble(secure(there))
    assert kind == Trouble.TLS
    assert sentence.startswith("The certificate of hooks.test is not trusted: ")
    assert there.requests == []


@pytest.mark.parametrize("host", ["other.test", "127.0.0.1"])
def test_a_certificate_for_somebody_else(names: Any, trusting: None, host: str) -> None:
    names(["127.0.0.1"])
    with receiver(secure=True) as there:
        kind, sentence = trouble(secure(there, host))
    assert kind == Trouble.TLS
    assert "mismatch" in sentence
    assert there.requests == []


def test_an_authority_of_ones_own_vouches_and_the_systems_do_not(names: Any) -> None:
    names(["127.0.0.1"])
    with receiver(secure=True) as there:
        answer = outbound.call("GET", secure(there), None, {}, allow=HERE, authority=CERTIFICATE.read_text())
        assert (answer, answer.whole) == (Answer(200, "ok"), True)
        with pytest.raises(Unreachable, match="is not trusted"):
            outbound.call("GET", secure(there), None, {}, allow=HERE)
    assert [request.line.split()[0] for request in there.requests] == ["GET"]


def test_an_answer_over_the_cap_is_not_whole() -> None:
    with receiver() as there:
        body = b"x" * 5000
        there.serve = lambda connection, _: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + body)  # type: ignore[method-assign]
        cut = outbound.call("GET", there.url, None, {}, allow=HERE, largest=4096)
        assert (len(cut.text), cut.whole) == (4096, False)
        assert outbound.call("GET", there.url, None, {}, allow=HERE, largest=5000).whole


def test_https_where_http_is_spoken() -> None:
    with receiver() as there:
        there.serve = lambda connection, _: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")  # type: ignore[method-assign]
        kind, sentence = trouble(f"https://127.0.0.1:{there.port}/hook")
    assert kind == Trouble.TLS
    assert sentence == "127.0.0.1 and dsboard found no common way to encrypt. Is it https, and is the port right?"


def test_http_where_https_is_spoken() -> None:
    with receiver(secure=True) as there:
        assert trouble(there.url)[0] in (Trouble.ANSWER, Trouble.BROKEN)


def test_a_handshake_that_never_ends_is_cut_off(hurried: None) -> None:
    with receiver() as there:
        there.serve = lambda connection, _: time.sleep(5)  # type: ignore[method-assign]
        assert trouble(f"https://127.0.0.1:{there.port}/hook")[0] == Trouble.TIME


def test_the_certificates_of_the_system_are_asked_for_by_default() -> None:
    context = outbound.trust()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert Destination.of("https://hooks.test/", Allowed()).secure
