{
    "name": "Clinic: Demonstration",
    "summary": "An invented clinic network with a month of visits, for showing",
    "version": "19.0.1.0.0",
    "author": "Clinic Suite contributors",
    "website": "https://github.com/clinic-suite/clinic-suite",
    "license": "LGPL-3",
    "category": "Services/Clinic",
    "depends": [
        "clinic_portal",
        "payment_demo",
    ],
    "post_init_hook": "post_init_hook",
    "installable": True,
}
