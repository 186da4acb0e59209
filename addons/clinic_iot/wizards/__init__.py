from . import clinic_iot_pair
from . import clinic_iot_job_settle
from . import clinic_iot_job_find
from . import clinic_payment_wizard_desk
from . import clinic_fiscal_receipt_send
from . import clinic_fiscal_receipt_correct
from . import clinic_iot_job_card_return
from . import clinic_fiscal_receipt_missed
