from . import test_access_attacks
from . import test_access_staff
from . import test_doctor_tour
from . import test_encounter
from . import test_icd10
from . import test_icd10_query
from . import test_medical_record
from . import test_record_access
