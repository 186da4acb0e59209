from . import base_partner_merge
from . import clinic_slot_picker_mixin
from . import clinic_appointment_cancel
from . import clinic_appointment_move
from . import clinic_booking_wizard
from . import clinic_rebooking_result
from . import clinic_shift_generate
