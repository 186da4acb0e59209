from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Write down as charges what visits were invoiced for before charges existed.

    Without them a visit would be taken for one that was never invoiced.
    """
    cr.execute(
        """
        INSERT INTO clinic_appointment_invoice_rel (appointment_id, move_id)
        SELECT clinic_appointment_id, id FROM account_move
         WHERE clinic_appointment_id IS NOT NULL
            ON CONFLICT DO NOTHING
        """
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    # Only what Odoo has not computed yet is written: the lines of the first invoices.
    visits = env["clinic.appointment"].search([("invoice_id", "!=", False)])
    visits = visits.filtered(lambda visit: not visit.charge_ids)
    vals_list, lines = [], []
    for visit in visits:
        released = visit.invoice_id.state == "cancel" or (
            visit.invoice_id.payment_state == "reversed"
        )
        done = "done" if visit.state == "fulfilled" else "planned"
        for line in visit.invoice_id.invoice_line_ids.filtered("product_id"):
            lines.append(line)
            vals_list.append(
                {
                    "appointment_id": visit.id,
                    "partner_id": line.partner_id.id,
                    "product_id": line.product_id.id,
                    "name": line.name or line.product_id.name,
                    "quantity": line.quantity,
                    "price_unit": line.price_unit,
                    "discount": line.discount,
                    "state": "dropped" if released else done,
                    "dropped_with_visit": released,
                }
            )
    charges = env["clinic.charge"].create(vals_list)
    for line, charge in zip(lines, charges, strict=True):
        notes = line.move_id.reversal_move_ids.invoice_line_ids.filtered(
            lambda note, line=line: note.product_id == line.product_id
        )
        (line | notes).clinic_charge_id = charge
    visits._compute_payment_state()
