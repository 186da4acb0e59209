"""Counts the queries of the schedule, whatever other addons of the suite are there."""

import re
import sys
from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import Cursor

OURS = ("clinic_base", "clinic_schedule")
_UPDATE = re.compile(r'\s*UPDATE "(\w+)"\s+SET (.*)', re.S)
_COLUMN = re.compile(r'"(\w+)" = "__tmp"')
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


def _writes_of_others(env, query):
    """Tell whether an UPDATE writes nothing but columns that addons above us added."""
    found = _UPDATE.match(query)
    model = found and env.get(_model_names(env).get(found[1], ""))
    if model is None:
        return False
    names = set(_COLUMN.findall(found[2])) - {"write_uid", "write_date"}
    return not any(
        set(OURS) & set(model._fields[name]._modules)
        for name in names
        if name in model._fields
    )


def _model_names(env):
    return {
        model._table: name
        for name, model in env.registry.items()
        if model._auto and not model._abstract
    }


@contextmanager
def own_queries(env):
    """Yield a list that gets the queries made meanwhile by the schedule itself.

    What the addons above it ask on their own account is not among them, nor the
    columns of theirs that are written when everything is flushed.
    """
    queries = []
    execute = Cursor.execute

    def counting(cr, query, *args, **kwargs):
        if _asking_addon() in OURS:
            text = str(getattr(query, "code", query))
            if not _writes_of_others(env, text):
                queries.append(text[:200])
        return execute(cr, query, *args, **kwargs)

    with patch.object(Cursor, "execute", counting):
        yield queries
