{
    "name": "Clinic Schedule",
    "summary": "Shifts, free windows, appointments without double bookings, screening",
    "version": "19.0.1.0.0",
    "author": "Clinic Suite contributors",
    "website": "https://github.com/clinic-suite/clinic-suite",
    "license": "LGPL-3",
    "category": "Services/Clinic",
    "depends": ["clinic_base", "hr_holidays", "sms"],
    "data": [
        # rights
        "security/ir.model.access.csv",
        "security/clinic_schedule_rules.xml",
        # configuration
        "data/ir_sequence_data.xml",
        "data/ir_cron_data.xml",
        "data/clinic_screening_data.xml",
        # screens
        "wizards/clinic_appointment_cancel_views.xml",
        "wizards/clinic_appointment_move_views.xml",
        "wizards/clinic_booking_wizard_views.xml",
        "wizards/clinic_shift_generate_views.xml",
        "views/clinic_appointment_views.xml",
        "views/clinic_shift_views.xml",
        "views/clinic_shift_template_views.xml",
        "views/clinic_block_views.xml",
        "views/clinic_screening_views.xml",
        "views/clinic_specialist_views.xml",
        "views/res_partner_views.xml",
        "views/clinic_schedule_menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["clinic_schedule/static/src/**/*"],
        "web.assets_tests": ["clinic_schedule/static/tests/tours/**/*"],
    },
    "installable": True,
    "pre_init_hook": "pre_init_hook",
}
