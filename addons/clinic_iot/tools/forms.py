"""What came from a box, in the forms that were agreed on."""

from collections.abc import Mapping
from typing import Any


class BadForm(Exception):
    """What was said is not in a form we know."""


def take(values: Mapping[str, Any], name: str, kind: type) -> Any:
    """Return a value of that kind, or raise :class:`BadForm`."""
    value = values.get(name)
    if not isinstance(value, kind):
        raise BadForm(name)
    return value


def text_of(value: Any, limit: int = 128) -> str:
    """Return what was said as a text of bearable length."""
    return str(value)[:limit] if value else ""


def device(said: Any) -> dict[str, Any] | None:
    """Return what is said of a device, None if it cannot be read."""
    if not isinstance(said, Mapping):
        return None
    names = ("name", "type", "manufacturer", "connection")
    values: dict[str, Any] = {name: text_of(said.get(name)) for name in names}
    if isinstance(kinds := said.get("kinds"), list):
        values["kinds"] = sorted(text_of(kind, 64) for kind in kinds)
    if isinstance(condition := said.get("condition"), Mapping):
        values["condition"] = dict(condition)
    return values


def devices(said: Any) -> dict[str, dict[str, Any]]:
    """Return the devices of a box by their identifiers; a hundred are enough."""
    if not isinstance(said, Mapping):
        raise BadForm("devices")
    found = {
        text_of(name): values
        for name, one in list(said.items())[:100]
        if (values := device(one)) is not None
    }
    found.pop("", None)
    return found
