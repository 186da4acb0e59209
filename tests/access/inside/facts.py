"""What the registry says about rights: models, routes, public methods.

Runs in an Odoo shell (``env`` is there); prints one line of JSON. Nothing is kept.
"""

# ruff: noqa: F821

import inspect
import json

from odoo import Command
from odoo.fields import Domain
from odoo.http import _generate_routing_rules
from odoo.tools.safe_eval import safe_eval

ROLES = {
    "reception": "clinic_base.group_reception",
    "callcenter": "clinic_base.group_callcenter",
    "cashier": "clinic_base.group_cashier",
    "finance": "clinic_base.group_finance",
    "storekeeper": "clinic_base.group_storekeeper",
    "director": "clinic_base.group_director",
    "specialist": "clinic_base.group_specialist",
    "nurse": "clinic_base.group_nurse",
    "lab": "clinic_base.group_lab",
    "chief_physician": "clinic_base.group_chief_physician",
    "admin": "clinic_base.group_admin",
    "employee": "base.group_user",
    "portal": "base.group_portal",
    "public": "base.group_public",
}
DEMO_LOGINS = [
    *("reception", "callcenter", "cashier", "finance", "storekeeper", "director"),
    *("admin", "doctor2", "nurse", "lab", "patient", "patient2", "parent"),
]
OPERATIONS = [("read", "r"), ("write", "w"), ("create", "c"), ("unlink", "d")]
OURS = ("clinic_", "payment_yookassa")


def make_users():
    users = {}
    for role, group in ROLES.items():
        users[role] = (
            env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": f"matrix {role}",
                    "login": f"matrix_{role}",
                    "group_ids": [Command.set(env.ref(group).ids)],
                }
            )
        )
    return users


def limited(model, operation, user):
    """Return whether rules of the user's groups leave him a part of the rows only."""
    rules = env["ir.rule"].with_user(user)._get_rules(model, mode=operation).sudo()
    mine = rules.filtered(lambda rule: rule.groups & user.all_group_ids)
    if not mine:
        return False
    context = env["ir.rule"].with_user(user)._eval_context()
    domains = [
        Domain(safe_eval(rule.domain_force, context)) if rule.domain_force else None
        for rule in mine
    ]
    return not any(domain is None or domain.is_true() for domain in domains)


def cell(name, user):
    """Return e.g. ``Rw``: reads all rows, writes those that rules let him."""
    letters = ""
    for operation, letter in OPERATIONS:
        if env[name].with_user(user).has_access(operation):
            part = limited(name, operation, user)
            letters += letter if part else letter.upper()
    return letters or "-"


def models(users):
    medical = set(env.registry.descendants(["clinic.medical.mixin"], "_inherit"))
    found = {}
    for name, model in sorted(env.registry.items()):
        if model._abstract or not model._original_module.startswith(OURS):
            continue
        found[name] = {
            "module": model._original_module,
            "medical": name in medical,
            "cells": {role: cell(name, user) for role, user in users.items()},
        }
    return found


def routes():
    """Return the routes whose last word is ours, each with its methods by itself."""
    found = {}
    installed = env["ir.module.module"].search([("state", "=", "installed")])
    for path, endpoint in _generate_routing_rules(
        sorted(installed.mapped("name")), nodb_only=False
    ):
        module = inspect.unwrap(endpoint.func).__module__.split(".")
        if module[:2] != ["odoo", "addons"] or not module[2].startswith(OURS):
            continue
        routing = endpoint.routing
        methods = " ".join(routing["methods"] or [])
        found[f"{path} {methods}".strip()] = {
            "module": module[2],
            "auth": routing["auth"],
            "type": routing["type"],
            "methods": routing["methods"] or [],
        }
    return found


def methods():
    """Return the public methods that our addons define, by model."""
    found = {}
    for name, model in sorted(env.registry.items()):
        if model._abstract:
            continue
        for attribute in dir(model):
            if attribute.startswith("_"):
                continue
            function = inspect.getattr_static(model, attribute, None)
            if not inspect.isfunction(function):
                continue
            module = (function.__module__ or "").split(".")
            if module[:2] != ["odoo", "addons"] or not module[2].startswith(OURS):
                continue
            if getattr(function, "_api_private", False):
                continue
            needed = [
                parameter.name
                for parameter in list(inspect.signature(function).parameters.values())[
                    1:
                ]
                if parameter.default is parameter.empty
                and parameter.kind
                not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
            ]
            of_model = getattr(function, "_api_model", False)
            found.setdefault(name, {})[attribute] = {
                "needed": needed,
                "model": bool(of_model),
            }
    return found


def readable():
    """Return the names of the models that each user of the demo clinic may read."""
    names = [
        name
        for name, model in sorted(env.registry.items())
        if not model._abstract and model._auto
    ]
    return {
        user.login: [
            name for name in names if env[name].with_user(user).has_access("read")
        ]
        for user in env["res.users"].search([("login", "in", DEMO_LOGINS)])
    }


people = make_users()
env.flush_all()
env.registry.clear_cache()
print(
    "FACTS "
    + json.dumps(
        {
            "roles": list(ROLES),
            "models": models(people),
            "routes": routes(),
            "methods": methods(),
            "reports": [
                [report.report_name, report.model, report.report_type]
                for report in env["ir.actions.report"].search([])
            ],
            "readable": readable(),
        }
    )
)
env.cr.rollback()
