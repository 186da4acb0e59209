from . import common
from . import test_allocation
from . import test_appointment
from . import test_books
from . import test_online_payment
from . import test_partner_account
from . import test_payment_wizard
from . import test_rights
