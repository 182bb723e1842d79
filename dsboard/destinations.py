"""Where this server may be sent by what a person typed: the form of an address, and the networks that stay out of reach."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST = 1000


class Trouble(StrEnum):
    """Why an address was not reached."""

    FORM = "form"
    ADDRESS = "address"
    NAME = "name"
    REFUSED = "refused"
    TIME = "time"
    TLS = "tls"
    ANSWER = "answer"
    BROKEN = "broken"


class Unreachable(Exception):
    """Nothing was sent, or nothing came back: what kind of trouble, and a sentence that a person can act on.

    The sentence names the host at most: the path of a webhook is as good as a password.
    """

    def __init__(self, trouble: Trouble, sentence: str) -> None:
        super().__init__(sentence)
        self.trouble = trouble
        self.sentence = sentence


#: Nobody is ever sent there, whatever an administrator allows: every machine in a cloud finds its credentials there.
NEVER = [
    ip_network(text)
    for text in (
        "0.0.0.0/32",  # "this machine" for a connect on Linux
        "169.254.0.0/16",  # link-local, with the metadata of most clouds
        "100.100.100.200/32",  # metadata of Alibaba
        "168.63.129.16/32",  # the host of an Azure machine, in a public network
        "192.0.0.192/32",  # metadata of Oracle
        "224.0.0.0/4",  # multicast
        "255.255.255.255/32",  # broadcast
        "::/128",
        "fd00:ec2::/32",  # metadata of Amazon
        "fd20:ce::/64",  # metadata of Google
        "fe80::/10",  # link-local
        "ff00::/8",  # multicast
    )
]
#: Not the public Internet. Listed here because is_global of Python 3.11 lets through 64:ff9b::/96, 2002::/16, ::/96 and 224/4.
INTERNAL = [
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by the customers of a carrier
        "127.0.0.0/8",  # loopback
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4, given up
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # measuring networks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "240.0.0.0/4",  # reserved
        "::/3",  # loopback, IPv4-compatible, -mapped and -translated, NAT64, discard
        "2001::/23",  # protocol assignments: Teredo, measuring, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "4000::/2",  # not given out; segment routing
        "8000::/1",  # not given out; unique local, site-local
    )
]

#: where a team's own servers stand
PRIVATE = [
    ip_network(text) for text in ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7")
]


def embedded(address: Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address may lead to: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP."""
    if isinstance(address, IPv4Address):
        return []
    number, found = int(address), []
    if number >> 125 == 0 or number >> 32 & 0xFDFFFFFF == 0x5EFE:
        found = [number]
    elif number >> 112 == 0x2002:
        found = [number >> 80]
    elif number >> 96 == 0x20010000:
        found = [number >> 64, ~number]
    return [IPv4Address(one & 0xFFFFFFFF) for one in found]


def within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def out_of_reach(address: Address) -> bool:
    """True for what even an administrator can't open up, in any spelling."""
    return any(within(one, NEVER) for one in (address, *embedded(address)))


def is_public(address: Address) -> bool:
    """True for an address of the public Internet that leads to no other one."""
    return not out_of_reach(address) and not any(within(one, INTERNAL) for one in (address, *embedded(address)))


@dataclass(frozen=True)
class Allowed:
    """The internal hosts that an administrator opens up: names, names with a port, networks. `setting` is where they stand."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[Network, ...] = ()
    setting: str = "DSBOARD_WEBHOOK_ALLOW"

    @classmethod
    def private(cls, setting: str) -> "Allowed":
        """Every private network and this machine: what is called there stands there normally."""
        return cls(networks=tuple(PRIVATE), setting=setting)

    @classmethod
    def of(cls, words: Iterable[str], setting: str = "DSBOARD_WEBHOOK_ALLOW") -> "Allowed":
        """Read them from a setting. Raises ValueError that names the one that can't be read."""
        hosts: set[tuple[str, int | None]] = set()
        networks: list[Network] = []
        for word in filter(None, (word.strip().lower() for word in words)):
            try:
                networks.append(ip_network(word))
                continue
            except ValueError:
                pass
            try:
                hosts.add(host_and_port(word))
            except Unreachable as error:
                raise ValueError(f"“{word}” is no host name, host:port or network such as 10.0.0.0/8.") from error
        return cls(frozenset(hosts), tuple(networks), setting)

    def opens(self, host: str, port: int, address: Address) -> bool:
        """True if `host` or `address` is in the list; see NEVER for what stays closed all the same."""
        named = {(host, None), (host, port), (str(address), port)}
        return bool(named & self.hosts) or within(address, self.networks)


@dataclass(frozen=True)
class Destination:
    """An address taken apart: where to connect, and what to ask for there."""

    secure: bool
    host: str
    port: int
    target: str

    @classmethod
    def of(cls, url: str, allowed: Allowed) -> "Destination":
        """Take `url` apart and refuse what can be told without looking anything up. Raises Unreachable."""
        parts = split(url)
        secure = parts.scheme == "https"
        host, port = host_and_port(parts.netloc)
        made = cls(secure, host, port or (443 if secure else 80), (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        if address := made.literal:
            made.check([address], allowed)
        return made

    @property
    def literal(self) -> Address | None:
        """The host when it is an address and no name."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    @property
    def authority(self) -> str:
        """Host and port as they stand in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    def check(self, addresses: Iterable[Address], allowed: Allowed) -> None:
        """Refuse unless every one of these addresses may be reached: one bad answer spoils the name. Raises Unreachable."""
        for address in addresses:
            if is_public(address) or (allowed.opens(self.host, self.port, address) and not out_of_reach(address)):
                continue
            raise Unreachable(
                Trouble.ADDRESS,
                f"{self.host} is not on the public Internet, so dsboard does not call it. "
                f"An administrator can open up internal hosts with {allowed.setting}.",
            )


#: what stands between // and the path; no user, no percent, nothing but ASCII
AUTHORITY = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{0,5}))?", re.IGNORECASE)
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
#: a last label that the C library would read as part of an IPv4 address: 1, 0x7f, 0177
NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")


def split(url: str) -> SplitResult:
    """The parts of an http or https address that is written plainly. Raises Unreachable."""
    if len(url) > LONGEST or not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        raise Unreachable(Trouble.FORM, "Copy the address as it was given to you: in plain characters, without blanks, 1000 at most.")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise odd_host(url.partition("//")[2].partition("/")[0]) from error
    if parts.scheme not in ("http", "https"):
        raise Unreachable(Trouble.FORM, "The address must start with https:// or http://.")
    if "@" in parts.netloc:
        raise Unreachable(Trouble.FORM, "The address must not hold a user name or password.")
    return parts


def host_and_port(authority: str) -> tuple[str, int | None]:
    """The host in its one spelling and the port, if any. Raises Unreachable for everything odd."""
    found = AUTHORITY.fullmatch(authority)
    if not found:
        raise odd_host(authority)
    host, port = found["host"].lower(), int(found["port"]) if found["port"] else None
    if port is not None and not 1 <= port <= 65_535:
        raise Unreachable(Trouble.FORM, f"{port} is no port: a port is a number from 1 to 65535.")
    labels = host.split(".")
    try:
        if host.startswith("["):
            return str(IPv6Address(host[1:-1])), port
        if NUMERIC.fullmatch(labels[-1]):
            return str(IPv4Address(host)), port
    except ValueError as error:
        raise odd_host(host) from error
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise odd_host(host)
    return host, port


def odd_host(text: str) -> Unreachable:
    return Unreachable(Trouble.FORM, f"“{text[:60]}” is no host. Write its full name, as in https://hooks.example.org/….")
