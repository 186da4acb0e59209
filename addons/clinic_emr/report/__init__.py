from . import clinic_encounter_report
from . import clinic_order_report
from . import clinic_document_report
