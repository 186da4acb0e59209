{
    "name": "Clinic Box on Linux",
    "summary": "Lets Odoo's IoT box run on a plain Linux computer",
    "version": "19.0.1.0.0",
    "author": "Clinic Suite contributors",
    "website": "https://github.com/clinic-suite/clinic-suite",
    "license": "LGPL-3",
    "category": "Services/Clinic",
    "depends": ["iot_drivers"],
    "installable": True,
}
