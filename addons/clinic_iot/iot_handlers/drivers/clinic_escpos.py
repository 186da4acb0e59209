from odoo.addons.iot_drivers.iot_handlers.clinic_devices.box import ClinicDriver
from odoo.addons.iot_drivers.iot_handlers.clinic_devices.escpos import EscposPrinter


class ClinicEscposDriver(ClinicDriver):
    driver = "escpos"
    backend = EscposPrinter
