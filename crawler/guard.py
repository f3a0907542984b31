"""The address guard: which URLs and addresses may be asked, decided on the very address that is connected to.

A name is looked up once, every address is judged, and the connection is made to a judged address; so a name that
answers otherwise a moment later (DNS rebinding) changes nothing. Names in `network.resolve` are never looked up.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from crawler.frame import host_key
from crawler.frame_formats import FrameError
from crawler.settings import Network, SettingsError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 8192
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")
_FRESH = 60.0
_REMEMBERED = 4096
_TRIED = 3


class Address(NamedTuple):
    """Where a connection goes: a literal IP address and a port."""

    ip: str
    port: int


class NotAsked(Exception):
    """A URL or address that our rules forbid to ask; the message says which rule."""


class NoAddress(Exception):
    """A name that has no address, or none that could be found in time; the message says why."""


class Guard:
    """Judges URLs and addresses by `network`; look-ups run in `executor` and are remembered for a minute.

    Raises SettingsError when `network.resolve` or `network.allow_addresses` holds something that is no address.
    """

    def __init__(self, network: Network, *, dns_timeout: float, executor: Executor | None = None) -> None:
        self._ports = frozenset(network.ports)
        self._allowed = tuple(_network(text) for text in network.allow_addresses)
        self._mapped = {name.lower(): _mapping(name, target) for name, target in network.resolve.items()}
        self._dns_timeout = dns_timeout
        self._executor = executor
        self._known: OrderedDict[tuple[str, int], tuple[float, list[Address]]] = OrderedDict()

    def check(self, url: str) -> SplitResult:
        """The parts of a URL that may be asked, whatever its address; raises NotAsked with the reason.

        Only http and https, only `network.ports`, no user name or password, a host that is one.
        """
        if len(url) > _LONGEST_URL:
            raise NotAsked(f"the URL is longer than {_LONGEST_URL} characters")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise NotAsked(f"not a URL: {error}") from error
        if parts.scheme not in DEFAULT_PORTS:
            raise NotAsked(f"scheme {parts.scheme[:20]!r} is not http or https")
        if parts.username is not None or parts.password is not None:
            raise NotAsked("the URL carries a user name or password")
        if not parts.hostname:
            raise NotAsked("the URL names no host")
        port = DEFAULT_PORTS[parts.scheme] if port is None else port
        if port not in self._ports:
            raise NotAsked(f"port {port} is not one of network.ports")
        try:
            host_key(parts.hostname if ":" not in parts.hostname else f"[{parts.hostname}]")
        except FrameError as error:
            raise NotAsked(str(error)) from error
        return parts

    async def addresses(self, host: str, port: int) -> list[Address]:
        """The addresses that may be connected to for `host:port`, at most three, best first.

        Raises NotAsked when every address is one that must not be asked, NoAddress when there is none.
        """
        key = (host, port)
        known = self._known.get(key)
        if known is not None and time.monotonic() - known[0] < _FRESH:
            self._known.move_to_end(key)
            return known[1]
        found = await self._find(host, port)
        allowed = [address for address in found if self.may_connect(address.ip)]
        if not allowed:
            ip = ipaddress.ip_address(found[0].ip.partition("%")[0])
            raise NotAsked(f"address {ip} is not public ({_kind(ip)}) and not in network.allow_addresses")
        self._known[key] = (time.monotonic(), allowed[:_TRIED])
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return allowed[:_TRIED]

    def may_connect(self, ip: str) -> bool:
        """Whether an address is public, or named in `network.allow_addresses`."""
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False  # a scoped address (fe80::1%eth0) is link-local by nature
        inner = _embedded(address)
        if any(candidate in network for candidate in (address, *inner) for network in self._allowed):
            return True
        return is_public(address)

    async def _find(self, host: str, port: int) -> list[Address]:
        try:
            # An address is connected to as it stands, so it is judged as it stands: no mapping applies to it.
            return [Address(str(ipaddress.ip_address(host)), port)]
        except ValueError:
            mapped = self._mapped.get(f"{host}:{port}") or self._mapped.get(host)
        if mapped is not None:
            return [Address(mapped[0], mapped[1] or port)]
        return await self._look_up(host, port)

    async def _look_up(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        look_up = loop.run_in_executor(self._executor, _getaddrinfo, host, port)
        try:
            found = await asyncio.wait_for(look_up, self._dns_timeout or None)
        except TimeoutError as error:
            raise NoAddress(f"DNS: no answer in {self._dns_timeout:g} s") from error
        except socket.gaierror as error:
            raise NoAddress(f"DNS: {_gai_reason(error)}") from error
        except (OSError, UnicodeError) as error:
            raise NoAddress(f"DNS: {error}") from error
        if not found:
            raise NoAddress("DNS: the name has no address")
        return _interleaved(found)


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to the public unicast internet; one that wraps an IPv4 address never does.

    Private, loopback, link-local, shared (100.64/10), multicast, reserved, documentation and unspecified addresses do
    not (IANA special-purpose registries), nor do IPv4-mapped, IPv4-compatible, 6to4, Teredo and NAT64 ones, since what
    they reach is decided by the address inside.
    """
    if _embedded(address):
        return False
    if isinstance(address, ipaddress.IPv6Address) and (
        address.is_site_local or _IPV4_COMPATIBLE.overlaps(_net(address))
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _net(address: ipaddress.IPv6Address) -> ipaddress.IPv6Network:
    return ipaddress.IPv6Network(address)


def _embedded(address: IPAddress) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address carries inside."""
    if not isinstance(address, ipaddress.IPv6Address):
        return ()
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(inner for inner in found if inner is not None)


def _kind(address: IPAddress) -> str:
    if inner := _embedded(address):
        return f"wraps {inner[0]}"
    for name in ("unspecified", "loopback", "link_local", "multicast", "private", "reserved"):
        if getattr(address, f"is_{name}"):
            return name.replace("_", "-")
    return "special-purpose"


def _getaddrinfo(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(Address(str(entry[4][0]), port) for entry in found))


def _interleaved(found: Sequence[Address]) -> list[Address]:
    """The addresses in the resolver's order, but the second one of the other family where there is one (RFC 8305 4)."""
    first = [address for address in found if (":" in address.ip) == (":" in found[0].ip)]
    other = [address for address in found if (":" in address.ip) != (":" in found[0].ip)]
    return [*first[:1], *other[:1], *first[1:], *other[1:]]


def _gai_reason(error: socket.gaierror) -> str:
    if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)):
        return "no such name"
    if error.errno == socket.EAI_AGAIN:
        return "no answer from the resolver"
    return error.strerror or str(error)


def _network(text: str) -> IPNetwork:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise SettingsError(
            f"network.allow_addresses: {text!r} is no address range ({error}); write it as 127.0.0.0/8 or ::1/128"
        ) from error


def _mapping(name: str, target: str) -> tuple[str, int | None]:
    """An `address`, `address:port` or `[address]:port` taken apart."""
    host, _, port = target.rpartition(":")
    bracketed = target.startswith("[")
    if (bracketed and target.endswith("]")) or (target.count(":") > 1 and not bracketed) or not host:
        host, port = target, ""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        number = int(port) if port else None
    except ValueError:
        address, number = None, None
    if address is None or (number is not None and not 0 < number < 65536):
        raise SettingsError(
            f"network.resolve: {name!r} = {target!r}: expected an address or address:port, such as 127.0.0.1:8080"
        )
    return str(address), number
