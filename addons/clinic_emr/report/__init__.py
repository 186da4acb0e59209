from . import clinic_encounter_report
