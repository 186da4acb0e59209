from . import test_agenda
from . import test_clinic
from . import test_logins
from . import test_office
from . import test_people
from . import test_records
