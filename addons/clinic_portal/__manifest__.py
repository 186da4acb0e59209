{
    "name": "Clinic Portal",
    "summary": "Screening, booking, payment and the patient's cabinet on the website",
    "version": "19.0.1.1.0",
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
        "security/clinic_portal_rules.xml",
        "security/clinic_question_rules.xml",
        # pages
        "views/clinic_portal_layout_templates.xml",
        "views/clinic_directory_templates.xml",
        "views/clinic_screening_templates.xml",
        "views/clinic_booking_templates.xml",
        "views/clinic_registration_templates.xml",
        "views/clinic_code_templates.xml",
        "views/clinic_cabinet_templates.xml",
        "views/clinic_cabinet_nav_templates.xml",
        "views/clinic_family_templates.xml",
        "views/clinic_visit_templates.xml",
        "views/clinic_calendar_templates.xml",
        "views/clinic_waiting_templates.xml",
        "views/clinic_money_templates.xml",
        "views/clinic_documents_templates.xml",
        "views/clinic_health_templates.xml",
        "views/clinic_record_looks_templates.xml",
        "views/clinic_payment_templates.xml",
        "views/portal_templates.xml",
        "views/website_templates.xml",
        "views/snippets/snippets.xml",
        # screens of the desk
        "views/clinic_proxy_views.xml",
        "views/clinic_specialist_views.xml",
        "views/clinic_question_templates.xml",
        "views/clinic_signing_templates.xml",
        "views/clinic_rating_templates.xml",
        # screens of the staff
        "views/clinic_question_views.xml",
        "views/clinic_visit_rating_views.xml",
        "views/clinic_document_views.xml",
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
            "clinic_portal/static/src/scss/clinic_cabinet.scss",
            "clinic_portal/static/src/interactions/**/*",
            "clinic_portal/static/src/snippets/**/*",
        ],
        "website.website_builder_assets": [
            (
                "replace",
                "website/static/src/builder/plugins/font/builder.fonts.scss",
                "clinic_portal/static/src/scss/builder_fonts.scss",
            ),
            "clinic_portal/static/src/website_builder/**/*",
        ],
        "web.assets_tests": [
            "clinic_portal/static/tests/tours/**/*",
        ],
    },
    "post_init_hook": "post_init_hook",
    "installable": True,
}
