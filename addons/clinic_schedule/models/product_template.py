from odoo import fields, models

_BUFFER = {"aggregator": None, "default": 0}


class ProductTemplate(models.Model):
    _inherit = "product.template"

    device_kind_ids = fields.Many2many(
        "clinic.device.kind",
        "clinic_service_device_kind_rel",
        "product_tmpl_id",
        "device_kind_id",
        string="Devices Needed",
        help="One device of each kind is taken for the time of the visit.",
    )
    specialist_buffer_before = fields.Integer(
        **_BUFFER, help="Minutes the specialist needs before the visit, to prepare."
    )
    specialist_buffer_after = fields.Integer(
        **_BUFFER, help="Minutes the specialist needs after the visit, to write up."
    )
    room_buffer_before = fields.Integer(
        **_BUFFER, help="Minutes the room is taken before the visit."
    )
    room_buffer_after = fields.Integer(
        **_BUFFER, help="Minutes the room is taken after the visit: cleaning, airing."
    )
    device_buffer_before = fields.Integer(
        **_BUFFER, help="Minutes the devices are taken before the visit: warming up."
    )
    device_buffer_after = fields.Integer(
        **_BUFFER, help="Minutes the devices are taken after the visit: sterilising."
    )
    group_size = fields.Integer(
        string="Patients at Once",
        default=1,
        aggregator=None,
        help="More than 1: a group; several patients are booked for the same time "
        "with one specialist, in one place of the room, with the same devices.",
    )
    skill_ids = fields.One2many("clinic.skill", "product_tmpl_id", string="Who Does It")

    _clinic_buffers_range = models.Constraint(
        "CHECK(specialist_buffer_before BETWEEN 0 AND 240"
        " AND specialist_buffer_after BETWEEN 0 AND 240"
        " AND room_buffer_before BETWEEN 0 AND 240"
        " AND room_buffer_after BETWEEN 0 AND 240"
        " AND device_buffer_before BETWEEN 0 AND 240"
        " AND device_buffer_after BETWEEN 0 AND 240)",
        "A buffer takes from 0 minutes to 4 hours.",
    )
    _clinic_group_size_range = models.Constraint(
        "CHECK(group_size BETWEEN 1 AND 200)", "A group takes from 1 to 200 patients."
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"specialty_ids", "is_clinic_service"}:
            # sudo: whoever may change the service changes what follows from it
            variants = self.with_context(active_test=False).product_variant_ids
            if variants:
                self.env["clinic.skill"].sudo()._sync(services=variants)
        return result
