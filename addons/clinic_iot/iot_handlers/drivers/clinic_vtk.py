from odoo.addons.iot_drivers.iot_handlers.clinic_devices.box import ClinicDriver
from odoo.addons.iot_drivers.iot_handlers.clinic_devices.vtk import VtkTerminal


class ClinicVtkDriver(ClinicDriver):
    driver = "vtk"
    backend = VtkTerminal
