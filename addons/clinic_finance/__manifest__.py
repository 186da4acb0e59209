{
    "name": "Clinic Finance",
    "summary": "Invoices for visits, payments, personal account and matching",
    "version": "19.0.1.0.0",
    "author": "Clinic Suite contributors",
    "website": "https://github.com/clinic-suite/clinic-suite",
    "license": "LGPL-3",
    "category": "Services/Clinic",
    "depends": ["account", "account_payment", "clinic_schedule"],
    "data": [
        # roles first: everything below names them
        "security/clinic_finance_groups.xml",
        "security/ir.model.access.csv",
        "security/clinic_finance_rules.xml",
        "security/clinic_payment_rules.xml",
        "data/clinic_payment_data.xml",
        "data/clinic_branch_data.xml",
        # screens
        "wizards/clinic_payment_wizard_views.xml",
        "views/account_move_views.xml",
        "views/account_payment_views.xml",
        "views/clinic_branch_views.xml",
        "views/clinic_payment_match_views.xml",
        "views/clinic_appointment_views.xml",
        "views/res_partner_views.xml",
        "views/res_config_settings_views.xml",
        "views/clinic_finance_menus.xml",
        "views/clinic_payment_intent_views.xml",
        "views/payment_transaction_views.xml",
        # documents
        "report/clinic_invoice_templates.xml",
    ],
    "assets": {
        "web.assets_tests": ["clinic_finance/static/tests/tours/**/*.js"],
    },
    "installable": True,
    "post_init_hook": "post_init_hook",
}
