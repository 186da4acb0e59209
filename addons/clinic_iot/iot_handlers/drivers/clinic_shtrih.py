from odoo.addons.iot_drivers.iot_handlers.clinic_devices.box import ClinicDriver
from odoo.addons.iot_drivers.iot_handlers.clinic_devices.shtrih import ShtrihRegister


class ClinicShtrihDriver(ClinicDriver):
    driver = "shtrih"
    backend = ShtrihRegister
