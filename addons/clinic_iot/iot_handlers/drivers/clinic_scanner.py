from odoo.addons.iot_drivers.iot_handlers.clinic_devices.box import ClinicDriver
from odoo.addons.iot_drivers.iot_handlers.clinic_devices.scanner import Scanner


class ClinicScannerDriver(ClinicDriver):
    driver = "scanner"
    backend = Scanner
