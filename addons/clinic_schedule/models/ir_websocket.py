from odoo import models

from .clinic_board_mixin import CHANNEL

PREFIX = "clinic_board_"


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Let staff hear the boards of their branches; to others they are silent.

        A browser asks by name, the messages go by record: a made-up name hears nothing.
        """
        wanted = {
            int(name.removeprefix(PREFIX))
            for name in channels
            if isinstance(name, str)
            and name.startswith(PREFIX)
            and name.removeprefix(PREFIX).isdecimal()
        }
        result = super()._build_bus_channel_list(channels)
        user = self.env.user
        if wanted and user.has_group("clinic_base.group_staff"):
            # sudo: the companies of the user are compared here, whichever are active
            branches_sudo = self.env["clinic.branch"].sudo().browse(wanted).exists()
            result.extend(
                (branch.sudo(False), CHANNEL)
                for branch in branches_sudo
                if branch.company_id in user.company_ids
            )
        return result
