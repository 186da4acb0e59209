from . import clinic_sms_account
from . import clinic_sms_message
from . import mail_notification
from . import res_company
from . import sms_sms
