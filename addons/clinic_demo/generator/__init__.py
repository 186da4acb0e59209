from .clinic import make_clinic
