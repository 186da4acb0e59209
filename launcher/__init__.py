"""The launcher: from a bare machine to the running clinic.

Python's standard library only, since it is what runs before anything is there.
One module, one concern:

* ``cli`` – the commands and their options
* ``console`` – how steps and their progress are shown
* ``account``, ``home``, ``locks``, ``process`` – who runs it, where it lives
* ``apt``, ``odoo_source``, ``python_env``, ``postgres``, ``tools`` – what is fetched
* ``suite`` – which addons there are and what changed in them
* ``database``, ``server``, ``supervisor``, ``proxy`` – what runs
* ``doctor``, ``bench``, ``testing`` – the other commands
* ``inside`` – scripts that run inside Odoo's interpreter
"""
