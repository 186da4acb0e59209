from . import clinic_sms_test
