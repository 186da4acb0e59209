from . import payment_portal
from . import budget_xlsx
