{
    "name": "Clinic Portal",
    "summary": "Screening, booking, payment and the patient's cabinet on the website",
    "version": "19.0.1.0.0",
    "author": "Clinic Suite contributors",
    "website": "https://github.com/clinic-suite/clinic-suite",
    "license": "LGPL-3",
    "category": "Services/Clinic",
    "depends": [
        "website",
        "auth_signup",
        "clinic_schedule",
        "clinic_finance",
        "clinic_emr",
    ],
    "data": [
        # security
        "security/ir.model.access.csv",
        # pages
        "views/clinic_portal_layout_templates.xml",
        "views/clinic_screening_templates.xml",
        "views/clinic_booking_templates.xml",
        "views/clinic_registration_templates.xml",
        "views/clinic_cabinet_templates.xml",
        "views/clinic_payment_templates.xml",
        "views/portal_templates.xml",
        "views/website_templates.xml",
        # website menus
        "data/website_menu_data.xml",
    ],
    "assets": {
        "web._assets_primary_variables": [
            (
                "after",
                "website/static/src/scss/primary_variables.scss",
                "clinic_portal/static/src/scss/primary_variables.scss",
            ),
        ],
        "web.assets_frontend": [
            "clinic_portal/static/src/scss/clinic_portal.scss",
            "clinic_portal/static/src/interactions/**/*",
        ],
        "web.assets_tests": [
            "clinic_portal/static/tests/tours/**/*",
        ],
    },
    "post_init_hook": "post_init_hook",
    "installable": True,
}
