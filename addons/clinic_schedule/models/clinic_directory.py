"""Branches, rooms and devices as plain data: they change by the month, are asked for by
the second, and so are kept in the memory of each server process."""

from dataclasses import dataclass, field
from typing import NamedTuple

from odoo import api, models, tools
from odoo.tools import SQL

from ..tools.windows import Device


class Room(NamedTuple):
    id: int
    branch_id: int
    capacity: int
    specialty_ids: frozenset
    name: str


@dataclass
class Directory:
    """What there is, active only, in the order of the lists people see."""

    zones: dict = field(default_factory=dict)
    rooms: dict = field(default_factory=dict)
    rooms_of: dict = field(default_factory=dict)
    devices_of: dict = field(default_factory=dict)


class ClinicDirectoryMixin(models.AbstractModel):
    """Whatever changes in such a model, the directory is read anew."""

    _name = "clinic.directory.mixin"
    _description = "Part of the Directory"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()


class ClinicBranch(models.Model):
    _name = "clinic.branch"
    _inherit = ["clinic.branch", "clinic.directory.mixin"]

    @api.model
    @tools.ormcache()
    def _clinic_directory(self):
        """Return the :class:`Directory` of all companies; who may see what is for the
        caller. Nobody changes it."""
        directory = Directory()
        for kind, res_id, branch_id, other_id, number, name, ids in self._read_all():
            if kind == "branch":
                directory.zones[res_id] = name
            elif kind == "room":
                room = Room(res_id, branch_id, number, frozenset(ids), name)
                directory.rooms[res_id] = room
                directory.rooms_of.setdefault(branch_id, []).append(room)
            else:
                device = Device(res_id, other_id)
                key = (branch_id, number)
                directory.devices_of.setdefault(key, []).append(device)
        return directory

    def _words_from(self, here=None):
        """Return the name of a branch for people, with its city where it may surprise.

        :param here: the branch they are at or ask about, if known
        """
        self.ensure_one()
        zones = self._clinic_directory().zones
        # sudo: only whether there is another city, whoever may see what is there
        cities = {branch.city for branch in self.sudo().browse(zones) if branch.city}
        if self.city and len(cities) > 1 and not (here and here.city == self.city):
            return f"{self.name} ({self.city})"
        return self.name

    @api.model
    def _read_all(self):
        for model in ("clinic.branch", "clinic.room", "clinic.device"):
            self.env[model].flush_model()
        return self.env.execute_query(
            SQL(
                """(SELECT 'branch', id, id, NULL::int, 0, tz, NULL::int[]
                      FROM clinic_branch WHERE active)
                   UNION ALL
                   (SELECT 'room', room.id, room.branch_id, NULL, capacity, room.name,
                           ARRAY(SELECT rel.clinic_specialty_id
                                   FROM clinic_room_clinic_specialty_rel rel
                                  WHERE rel.clinic_room_id = room.id)
                      FROM clinic_room room WHERE active
                     ORDER BY room.branch_id, sequence, name, id)
                   UNION ALL
                   (SELECT 'device', id, branch_id, room_id, kind_id, NULL, NULL
                      FROM clinic_device WHERE active
                     ORDER BY branch_id, sequence, name, id)"""
            )
        )


class ClinicRoom(models.Model):
    _name = "clinic.room"
    _inherit = ["clinic.room", "clinic.directory.mixin"]


class ClinicDevice(models.Model):
    _name = "clinic.device"
    _inherit = ["clinic.device", "clinic.directory.mixin"]
