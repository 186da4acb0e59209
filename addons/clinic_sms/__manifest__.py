{
    "name": "Clinic SMS",
    "summary": "SMS by Russian gateways: SMSC.ru and SMS Aero",
    "version": "19.0.1.0.0",
    "author": "Clinic Suite contributors",
    "website": "https://github.com/clinic-suite/clinic-suite",
    "license": "LGPL-3",
    "category": "Services/Clinic",
    "depends": ["clinic_schedule"],
    "data": [
        # rights
        "security/ir.model.access.csv",
        "security/clinic_sms_rules.xml",
        # configuration
        "data/ir_cron_data.xml",
        # screens
        "wizards/clinic_sms_test_views.xml",
        "views/clinic_sms_account_views.xml",
    ],
    "installable": True,
}
