"""Devices of the clinic, as the sections ``[clinic_iot.NAME]`` of odoo.conf name them.

Odoo's own serial interface tries its drivers on each port it finds. What is named here
is asked by nobody but its own driver.
"""

import logging

from odoo.addons.iot_drivers.interface import Interface
from odoo.addons.iot_drivers.iot_handlers.clinic_devices import box

_logger = logging.getLogger(__name__)


class ClinicPortsInterface(Interface):
    connection_type = box.CONNECTION
    _loop_delay = 5

    def get_devices(self):
        box.the_box()
        return {
            identifier: {"identifier": identifier, **options}
            for identifier, options in box.configured().items()
        }

    def add_device(self, identifier, device):
        try:
            super().add_device(identifier, device)
        except Exception:
            # One wrong section must not stop the others.
            _logger.exception("The device %s cannot be used", identifier)
            box.the_box().broken.add(identifier)
