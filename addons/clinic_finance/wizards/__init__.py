from . import clinic_payment_wizard
from . import clinic_period_wizard
