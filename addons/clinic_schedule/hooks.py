from odoo.tools import SQL


def pre_init_hook(env):
    """Make room for exclusion constraints over a number and a time range.

    The extension is trusted: the owner of the database may create it.
    """
    env.cr.execute(SQL("CREATE EXTENSION IF NOT EXISTS btree_gist"))
