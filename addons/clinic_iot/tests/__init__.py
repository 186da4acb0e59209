from . import test_box_calls
from . import test_clinic_iot_job
from . import test_clinic_iot_words
from . import test_settle
from . import test_fiscal_receipt
from . import test_cash_shift
from . import test_desk_tours
