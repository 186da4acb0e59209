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


def reachable(url: str, own: str) -> str:
    """Return the address with the name of this computer in it, its port kept."""
    parts = urllib.parse.urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{own}{port}"
