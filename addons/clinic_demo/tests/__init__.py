from . import test_agenda
from . import test_clinic
from . import test_logins
from . import test_people
