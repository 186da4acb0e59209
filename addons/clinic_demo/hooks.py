PENDING = "clinic_demo.pending"


def post_init_hook(env):
    """Ask for the demo clinic as soon as everything is loaded.

    The chart of accounts of a new database comes at the very end of the loading, and
    invoices need it: see ``clinic.demo._register_hook``.
    """
    env["ir.config_parameter"].set_param(PENDING, "1")
