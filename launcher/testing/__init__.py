"""``./clinic test``: lint, the addons' tests, the tests against a running server."""

from .runner import run

__all__ = ["run"]
