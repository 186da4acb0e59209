"""Under which address a box in the network reaches this server."""

import ipaddress
import socket
import urllib.parse

# Of a net for documentation: nothing is sent, only the way there is looked up.
ELSEWHERE = ("192.0.2.1", 9)


def is_local(url: str) -> bool:
    """Return whether this address leads every computer to itself."""
    name = urllib.parse.urlsplit(url).hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def own_address() -> str:
    """Return the address of this computer in its network; empty if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(ELSEWHERE)
            address = str(way.getsockname()[0])
        except OSError:
            return ""
    return "" if ipaddress.ip_address(address).is_loopback else address


def named(url: str, name: str) -> str:
    """Return the address with another name of its computer in it, its port kept."""
    parts = urllib.parse.urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{name}{port}"


def answers(url: str) -> bool:
    """Return whether somebody listens at this address, on this computer."""
    parts = urllib.parse.urlsplit(url)
    port = parts.port or {"https": 443}.get(parts.scheme, 80)
    try:
        socket.create_connection((parts.hostname, port), timeout=1).close()
    except OSError:
        return False
    return True


def for_boxes(url: str) -> str:
    """Return by which address a box is most likely to reach the server ``url``."""
    if not is_local(url):
        return url
    own = own_address()
    if own and answers(named(url, own)):
        return named(url, own)
    # It listens to this very computer only: so must the box be on it.
    return named(url, "127.0.0.1")
