"""Odoo, with its test_lint looking at our addons only. Arguments: as for Odoo.

test_lint reads every addon on the path; Odoo's own are not ours to judge, and leaving
them out turns minutes into seconds.
"""

import os

import odoo.cli
from odoo.modules import Manifest
from odoo.tests import loader

OURS = os.path.realpath(os.environ["CLINIC_ADDONS"])

make_suite = loader.make_suite
all_addon_manifests = Manifest.all_addon_manifests


def only_ours():
    return [
        manifest
        for manifest in all_addon_manifests()
        if os.path.realpath(manifest.path).startswith(OURS)
    ]


def make_suite_of_ours(*args, **kwargs):
    Manifest.all_addon_manifests = staticmethod(only_ours)
    return make_suite(*args, **kwargs)


loader.make_suite = make_suite_of_ours

if __name__ == "__main__":
    odoo.cli.main()
