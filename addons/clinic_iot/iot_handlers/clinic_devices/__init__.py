"""What the handlers of a box share: protocols, journal, workers, the way to the server.

The box loads each file of ``drivers`` and ``interfaces`` by itself, as a module that no
other can find; a folder beside them it only unpacks. So what must exist once in the
process (journal, poller) and what several drivers use lives here, and is imported as
``odoo.addons.iot_drivers.iot_handlers.clinic_devices``. Only ``box`` knows Odoo.
"""
