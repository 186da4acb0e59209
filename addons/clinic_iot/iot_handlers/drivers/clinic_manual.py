from odoo.addons.iot_drivers.iot_handlers.clinic_devices.box import ClinicDriver
from odoo.addons.iot_drivers.iot_handlers.clinic_devices.manual import ManualTerminal


class ClinicManualDriver(ClinicDriver):
    driver = "manual"
    backend = ManualTerminal
