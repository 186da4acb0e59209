from . import box
from . import signed
