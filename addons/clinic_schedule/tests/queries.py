"""Counts the queries of the schedule, whatever other addons of the suite are there."""

import re
import sys
from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import Cursor

OURS = ("clinic_base", "clinic_schedule")
_ADDON = re.compile(r"/(clinic_\w+)/(?:models|wizards|tests)/")


def _asking_addon():
    """Return the addon of the suite in whose code a query is made."""
    frame = sys._getframe(2)
    while frame:
        found = _ADDON.search(frame.f_code.co_filename)
        if found:
            return found[1]
        frame = frame.f_back
    return None


@contextmanager
def own_queries():
    """Yield a list that gets the queries made meanwhile by the schedule itself.

    What the addons above it ask on their own account is not among them.
    """
    queries = []
    execute = Cursor.execute

    def counting(cr, query, *args, **kwargs):
        if _asking_addon() in OURS:
            queries.append(str(getattr(query, "code", query))[:200])
        return execute(cr, query, *args, **kwargs)

    with patch.object(Cursor, "execute", counting):
        yield queries
