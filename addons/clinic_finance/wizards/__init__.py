from . import clinic_payment_wizard
