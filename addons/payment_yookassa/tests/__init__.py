from . import common
from . import test_yookassa
from . import test_yookassa_webhook
