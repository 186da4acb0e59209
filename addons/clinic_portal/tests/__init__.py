from . import test_booking
from . import test_cabinet
from . import test_payment
from . import test_registration
from . import test_screening
from . import test_tools
from . import test_tour
