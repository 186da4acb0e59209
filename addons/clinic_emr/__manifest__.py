{
    "name": "Clinic Medical Records",
    "summary": "Medical record, visits with ICD-10 diagnoses, medical secrecy",
    "version": "19.0.1.0.0",
    "author": "Clinic Suite contributors",
    "website": "https://github.com/clinic-suite/clinic-suite",
    "license": "LGPL-3",
    "category": "Services/Clinic",
    "depends": ["clinic_schedule"],
    "data": [
        # Access
        "security/ir.model.access.csv",
        "security/clinic_emr_rules.xml",
        # The bundled part of the classifier
        "data/clinic.icd10.csv",
        # Reports
        "report/clinic_encounter_report.xml",
        # Views
        "views/clinic_icd10_views.xml",
        "views/clinic_diagnosis_views.xml",
        "views/clinic_encounter_addendum_views.xml",
        "views/clinic_encounter_views.xml",
        "views/clinic_medical_record_views.xml",
        "views/clinic_record_access_views.xml",
        "views/clinic_appointment_views.xml",
        "views/res_partner_views.xml",
        "views/clinic_emr_menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["clinic_emr/static/src/**/*"],
        "web.assets_tests": ["clinic_emr/static/tests/tours/**/*"],
    },
    "installable": True,
}
