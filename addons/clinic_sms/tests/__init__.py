from . import test_gateways
from . import test_reports
from . import test_sms_account
from . import test_sms_queue
