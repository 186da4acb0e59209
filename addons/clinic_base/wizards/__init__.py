from . import clinic_consent_withdraw
