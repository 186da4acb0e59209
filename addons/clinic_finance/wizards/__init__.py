from . import clinic_match_undo
from . import clinic_payment_wizard
from . import clinic_period_wizard
from . import clinic_finance_override
from . import clinic_financial_block_wizard
from . import clinic_refund_wizard
from . import clinic_budget_copy
