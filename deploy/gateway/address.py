"""Where the gateway is to be found: its public address, and the names under which it may be asked for."""

from ipaddress import ip_address
from urllib.parse import urlsplit

PATH = "/qbwc"
PORT = 8770
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def base_of(url: str) -> str:
    """The public address without the service's path; `url` is MAGEBOOKS_GATEWAY_URL, with or without it."""
    return url.rstrip("/").removesuffix(PATH)


def service_of(url: str) -> str:
    """The public address of the service itself."""
    return base_of(url) + PATH


def names(url: str) -> frozenset[str]:
    """The host names that a request may name: this machine's own and the public one."""
    public = urlsplit(url).hostname or ""
    return LOOPBACK | {public} if public else LOOPBACK


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets, in lower case. "" for what is no host."""
    try:
        parts = urlsplit(f"//{host}")
        plain = parts.netloc == host and not parts.username and (parts.port is None or parts.port > 0)
        return (parts.hostname or "") if plain else ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
