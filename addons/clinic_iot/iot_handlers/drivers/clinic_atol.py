from odoo.addons.iot_drivers.iot_handlers.clinic_devices.atol import AtolRegister
from odoo.addons.iot_drivers.iot_handlers.clinic_devices.box import ClinicDriver


class ClinicAtolDriver(ClinicDriver):
    driver = "atol"
    backend = AtolRegister
