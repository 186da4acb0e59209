from . import gateways
from . import sms_api
