"""Where this server may be sent: every odd spelling and every network that is not the public Internet, with harmless neighbours."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsboard.destinations import INTERNAL, NEVER, Allowed, Destination, Trouble, Unreachable, embedded, is_public, out_of_reach

NOBODY = Allowed()
HELLO = "https://hooks.example.org/services/T1?key=a%2Fb"

#: what is refused for how it is written, before anything is looked up
ODD = {
    "decimal": "http://2130706433/",
    "decimal with a port": "http://2130706433:8000/",
    "octal": "http://017700000001/",
    "octal parts": "http://0177.0.0.1/",
    "octal last part": "http://127.0.0.01/",
    "hex": "http://0x7f000001/",
    "hex parts": "http://0x7f.0x0.0x0.0x1/",
    "hex last part": "http://127.0.0.0x1/",
    "hex and short": "http://0x7f.1/",
    "hex without digits": "http://0x/",
    "two parts": "http://127.1/",
    "three parts": "http://127.0.1/",
    "five parts": "http://127.0.0.1.1/",
    "a part too large": "http://127.0.0.256/",
    "zero": "http://0/",
    "metadata in decimal": "http://2852039166/",
    "a name that ends in a number": "http://hooks.7/",
    "no host": "http:///hook",
    "no host but a port": "http://:8000/",
    "nothing at all": "",
    "a host and no scheme": "hooks.example.org/x",
    "a trailing dot": "https://hooks.example.org./",
    "a trailing dot after an address": "http://127.0.0.1./",
    "an empty label": "https://hooks..example.org/",
    "a leading dot": "https://.example.org/",
    "percent-encoded": "http://%31%32%37.0.0.1/",
    "a percent-encoded dot": "http://127%2e0.0.1/",
    "full-width digits": "http://１２７.0.0.1/",
    "a full-width dot": "http://127。0。0。1/",
    "circled digits": "http://①②⑦.0.0.1/",
    "letters outside ASCII": "https://exämple.org/",
    "a zone id": "http://[fe80::1%25eth0]/",
    "a bare zone id": "http://[fe80::1%eth0]/",
    "IPv6 without brackets": "http://::1/",
    "IPv6 with something after it": "http://[::1]example.org/",
    "half a bracket": "http://[::1/",
    "no address in brackets": "http://[localhost]/",
    "a future address": "http://[v1.fe80::1]/",
    "IPv4 in brackets": "http://[127.0.0.1]/",
    "user information": "https://user:word@hooks.example.org/",
    "a host in the user information": "https://hooks.example.org@127.0.0.1/",
    "an empty user": "https://@127.0.0.1/",
    "a backslash": "https://hooks.example.org\\@127.0.0.1/",
    "a blank": "https://hooks.example.org/a b",
    "a line break": "https://hooks.example.org/\r\nHost: evil",
    "a tab in the scheme": "ht\ttp://127.0.0.1/",
    "NUL": "https://hooks.example.org/\x00",
    "an underlined host too long for a label": f"https://{'a' * 64}.example.org/",
    "a host too long": f"https://{'a.' * 130}org/",
    "an address too long": "https://hooks.example.org/" + "a" * 1000,
    "port 0": "https://hooks.example.org:0/",
    "a port too high": "https://hooks.example.org:65536/",
    "a port that is no number": "https://hooks.example.org:https/",
    "a negative port": "https://hooks.example.org:-1/",
    "two ports": "https://hooks.example.org:80:443/",
    "ftp": "ftp://hooks.example.org/",
    "file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1:6379/_FLUSHALL",
    "javascript": "javascript:alert(1)",
    "data": "data:text/plain,hello",
    "a scheme in a scheme": "http:http://127.0.0.1/",
    "no scheme": "//hooks.example.org/",
}

#: addresses that are written well and lead somewhere private
PRIVATE = {
    "loopback": "127.0.0.1",
    "loopback, another": "127.255.255.254",
    "this network": "0.1.2.3",
    "private, 10": "10.0.0.1",
    "private, 172.16": "172.16.0.1",
    "private, to its end": "172.31.255.255",
    "private, 192.168": "192.168.1.1",
    "shared by a carrier": "100.64.0.1",
    "shared by a carrier, to its end": "100.127.255.255",
    "protocol assignments": "192.0.0.8",
    "documentation 1": "192.0.2.1",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "relay of 6to4": "192.88.99.1",
    "measuring": "198.18.0.1",
    "reserved": "240.0.0.1",
    "IPv6 loopback": "::1",
    "IPv4-compatible loopback": "::127.0.0.1",
    "IPv4-compatible, public": "::8.8.8.8",
    "IPv4-mapped loopback": "::ffff:127.0.0.1",
    "IPv4-mapped loopback in hex": "::ffff:7f00:1",
    "IPv4-mapped private": "::ffff:10.0.0.1",
    "IPv4-mapped public": "::ffff:8.8.8.8",
    "IPv4-translated": "::ffff:0:127.0.0.1",
    "NAT64": "64:ff9b::7f00:1",
    "NAT64 to a public one": "64:ff9b::8.8.8.8",
    "local NAT64": "64:ff9b:1::7f00:1",
    "discard": "100::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "measuring, IPv6": "2001:2::1",
    "ORCHID": "2001:20::1",
    "documentation, IPv6": "2001:db8::1",
    "documentation, IPv6, new": "3fff::1",
    "6to4 of loopback": "2002:7f00:1::",
    "6to4 of a private one": "2002:a00:1::1",
    "6to4 of a public one": "2002:808:808::1",
    "ISATAP of loopback": "2606:4700::5efe:7f00:1",
    "ISATAP of a private one": "2606:4700::200:5efe:a00:1",
    "unique local": "fc00::1",
    "unique local, usual": "fd12:3456:789a::1",
    "site-local": "fec0::1",
    "segment routing": "5f00::1",
    "not given out": "4000::1",
}

#: the same, and no administrator can open them up
FOR_EVER = {
    "unspecified": "0.0.0.0",
    "metadata": "169.254.169.254",
    "metadata of containers": "169.254.170.2",
    "link-local": "169.254.0.1",
    "metadata of Alibaba": "100.100.100.200",
    "metadata of Oracle": "192.0.0.192",
    "host of Azure": "168.63.129.16",
    "multicast": "224.0.0.1",
    "multicast, to its end": "239.255.255.255",
    "broadcast": "255.255.255.255",
    "IPv6 unspecified": "::",
    "IPv6 link-local": "fe80::1",
    "IPv6 multicast": "ff02::1",
    "metadata of Amazon, IPv6": "fd00:ec2::254",
    "metadata of Google, IPv6": "fd20:ce::254",
    "metadata, mapped": "::ffff:169.254.169.254",
    "metadata, compatible": "::169.254.169.254",
    "metadata, translated": "::ffff:0:169.254.169.254",
    "metadata by NAT64": "64:ff9b::a9fe:a9fe",
    "metadata by 6to4": "2002:a9fe:a9fe::1",
    "metadata by Teredo": f"2001:0:0:0:0:0:{0xA9FE ^ 0xFFFF:x}:{0xA9FE ^ 0xFFFF:x}",
    "metadata by ISATAP": "2606:4700::5efe:a9fe:a9fe",
}

PUBLIC = ["8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "11.0.0.1", "192.169.0.1", "223.255.255.255"]
PUBLIC += ["126.255.255.255", "128.0.0.1", "169.253.255.255", "198.20.0.1", "2606:4700::1111", "2001:4860:4860::8888", "2a00:1450::1"]
PUBLIC += ["2001:db7::1", "2003::1", "2606:4700::5efe:808:808"]


def url_of(address: str) -> str:
    return f"http://[{address}]:8000/x" if ":" in address else f"http://{address}:8000/x"


def refused(url: str, allowed: Allowed = NOBODY) -> Trouble:
    with pytest.raises(Unreachable) as caught:
        Destination.of(url, allowed)
    assert caught.value.sentence.endswith(".")
    return caught.value.trouble


@pytest.mark.parametrize("url", ODD.values(), ids=ODD)
def test_an_odd_address_is_refused_for_its_form(url: str) -> None:
    assert refused(url) == Trouble.FORM


@pytest.mark.parametrize("url", ODD.values(), ids=ODD)
def test_and_no_list_of_an_administrator_makes_it_any_better(url: str) -> None:
    assert refused(url, Allowed.of(["0.0.0.0/0", "::/0", "localhost", "hooks.example.org"])) == Trouble.FORM


@pytest.mark.parametrize("address", [*PRIVATE.values(), *FOR_EVER.values()], ids=[*PRIVATE, *FOR_EVER])
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert refused(url_of(address)) == Trouble.ADDRESS
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", [*PRIVATE.values(), *FOR_EVER.values()], ids=[*PRIVATE, *FOR_EVER])
def test_a_name_that_leads_there_is_refused(address: str) -> None:
    hooks = Destination.of("https://hooks.example.org/", NOBODY)
    with pytest.raises(Unreachable):
        hooks.check([ip_address(address)], NOBODY)
    with pytest.raises(Unreachable):
        hooks.check([ip_address("8.8.8.8"), ip_address(address), ip_address("1.1.1.1")], NOBODY)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_harmless_neighbours_pass(address: str) -> None:
    assert Destination.of(url_of(address), NOBODY).host == str(ip_address(address))
    Destination.of("https://hooks.example.org/", NOBODY).check([ip_address(address)], NOBODY)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (HELLO, Destination(True, "hooks.example.org", 443, "/services/T1?key=a%2Fb")),
        ("HTTPS://Hooks.Example.ORG/A", Destination(True, "hooks.example.org", 443, "/A")),
        ("http://hooks.example.org", Destination(False, "hooks.example.org", 80, "/")),
        ("http://hooks.example.org:8065?x=1", Destination(False, "hooks.example.org", 8065, "/?x=1")),
        ("https://hooks.example.org:/x#fragment", Destination(True, "hooks.example.org", 443, "/x")),
        ("https://xn--exmple-cua.org/", Destination(True, "xn--exmple-cua.org", 443, "/")),
        ("http://chat_server:8065/hooks/a", Destination(False, "chat_server", 8065, "/hooks/a")),
        ("http://7.hooks.example.org/", Destination(False, "7.hooks.example.org", 80, "/")),
        ("http://0x7f.example.org/", Destination(False, "0x7f.example.org", 80, "/")),
        ("https://[2606:4700:0::1111]:8443/", Destination(True, "2606:4700::1111", 8443, "/")),
    ],
)
def test_a_plain_address_is_taken_apart(url: str, expected: Destination) -> None:
    assert Destination.of(url, NOBODY) == expected


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://hooks.example.org/", "hooks.example.org"),
        ("https://hooks.example.org:80/", "hooks.example.org:80"),
        ("http://[2606:4700::1111]:8065/", "[2606:4700::1111]:8065"),
    ],
)
def test_the_host_header_names_a_port_that_is_not_the_usual_one(url: str, authority: str) -> None:
    assert Destination.of(url, NOBODY).authority == authority


def test_no_sentence_holds_the_path() -> None:
    for url in ("http://127.0.0.1/services/T1/secret", "http://127.1/services/T1/secret", "http://[x/services/T1/secret"):
        with pytest.raises(Unreachable) as caught:
            Destination.of(url, NOBODY)
        assert "secret" not in caught.value.sentence


# ── what an administrator opens up ──


@pytest.mark.parametrize(
    ("word", "host", "port", "address", "opens"),
    [
        ("10.0.0.0/8", "10.1.2.3", 80, "10.1.2.3", True),
        ("10.0.0.0/8", "chat.internal", 8065, "10.1.2.3", True),
        ("10.0.0.0/8", "chat.internal", 80, "11.1.2.3", True),
        ("10.0.0.0/8", "chat.internal", 80, "127.0.0.1", False),
        ("10.0.0.0/8", "chat.internal", 80, "::ffff:10.1.2.3", False),
        ("fd12::/16", "chat.internal", 80, "fd12::1", True),
        ("fd12::/16", "chat.internal", 80, "fd13::1", False),
        ("chat.internal", "chat.internal", 80, "10.1.2.3", True),
        ("chat.internal", "chat.internal", 8065, "127.0.0.1", True),
        (" Chat.Internal ", "chat.internal", 80, "10.1.2.3", True),
        ("chat.internal", "evil-chat.internal", 80, "10.1.2.3", False),
        ("chat.internal", "chat.internal.evil", 80, "10.1.2.3", False),
        ("chat.internal", "a.chat.internal", 80, "10.1.2.3", False),
        ("chat.internal:8065", "chat.internal", 8065, "10.1.2.3", True),
        ("chat.internal:8065", "chat.internal", 80, "10.1.2.3", False),
        ("10.1.2.3:80", "10.1.2.3", 80, "10.1.2.3", True),
        ("10.1.2.3:80", "chat.internal", 80, "10.1.2.3", True),
        ("10.1.2.3:80", "10.1.2.3", 81, "10.1.2.3", False),
        ("10.1.2.3:80", "10.1.2.4", 80, "10.1.2.4", False),
        ("[fd12::1]:80", "fd12::1", 80, "fd12::1", True),
        ("", "chat.internal", 80, "10.1.2.3", False),
    ],
)
def test_the_list_opens_exactly_what_it_names(word: str, host: str, port: int, address: str, opens: bool) -> None:
    destination = Destination(secure=False, host=host, port=port, target="/")
    try:
        destination.check([ip_address(address)], Allowed.of(["other.internal", word]))
    except Unreachable as error:
        assert (error.trouble, opens) == (Trouble.ADDRESS, False)
    else:
        assert opens


@pytest.mark.parametrize("address", FOR_EVER.values(), ids=FOR_EVER)
def test_metadata_and_link_local_stay_closed_whatever_it_names(address: str) -> None:
    everything = Allowed.of(["0.0.0.0/0", "::/0", address, "hooks.example.org", "169.254.169.254"])
    assert refused(url_of(address), everything) == Trouble.ADDRESS
    with pytest.raises(Unreachable):
        Destination.of("https://hooks.example.org/", everything).check([ip_address(address)], everything)


@pytest.mark.parametrize(
    "word", ["10.0.0.1/8", "10.0.0.0/33", "http://chat.internal", "*.internal", "127.1", "chat internal", "a:b", "a:0"]
)
def test_a_list_that_cannot_be_read_is_refused_by_name(word: str) -> None:
    with pytest.raises(ValueError, match=r"is no host name, host:port or network"):
        Allowed.of(["chat.internal", word])


# ── the same, for every address there is ──

IPV4 = st.integers(0, 2**32 - 1).map(IPv4Address)
IPV6 = st.integers(0, 2**128 - 1).map(IPv6Address)


@given(st.one_of(IPV4, IPV6))
def test_public_is_never_wider_than_what_python_calls_global(address: IPv4Address | IPv6Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not (address.is_multicast or address.is_reserved or address.is_private)


@given(st.sampled_from([*NEVER, *INTERNAL]), st.integers(0, 2**128 - 1))
def test_every_address_of_every_network_of_the_list_is_refused(network: object, step: int) -> None:
    assert not is_public(network[step % network.num_addresses])  # type: ignore[index, attr-defined]


@given(IPV4)
def test_no_wrapping_makes_a_closed_address_open(inner: IPv4Address) -> None:
    number = int(inner)
    wrapped = [number, 0xFFFF << 32 | number, 0xFFFF << 48 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80]
    wrapped += [0x20010000 << 96 | number ^ 0xFFFFFFFF, 0x2606 << 112 | 0x5EFE << 32 | number]
    for address in map(IPv6Address, wrapped):
        assert inner in embedded(address)
        assert is_public(address) <= is_public(inner)
        assert out_of_reach(address) >= out_of_reach(inner)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_taken_apart_or_refused(text: str) -> None:
    for url in (text, f"http://{text}/", f"https://hooks.example.org/{text}"):
        try:
            made = Destination.of(url, NOBODY)
        except Unreachable as error:
            assert error.sentence
        else:
            assert made.host.isascii() and made.target.startswith("/") and made.target.isprintable()
