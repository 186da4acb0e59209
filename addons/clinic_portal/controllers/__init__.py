from . import booking
from . import cabinet
from . import payment
from . import portal
from . import registration
from . import screening
