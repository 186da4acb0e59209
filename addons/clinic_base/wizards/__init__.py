from . import base_partner_merge
from . import clinic_consent_withdraw
