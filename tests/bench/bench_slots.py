"""Free windows: the search beside OCA's resource_booking and Odoo's working hours."""

TEMPLATE = "bench"


def run(server):
    script = (
        "print(env['ir.module.module'].search([('state', '=', 'installed')])"
        ".mapped('name'))\n"
    )
    names = server.shell(script)
    return {"installed": names.count(",") + 1, "oca": "'resource_booking'" in names}
