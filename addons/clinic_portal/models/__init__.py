from . import clinic_appointment
from . import clinic_link_offer
from . import clinic_portal_attempt
from . import ir_http
from . import product_product
from . import res_partner
from . import res_users
from . import website
