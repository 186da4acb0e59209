from odoo.fields import Command

from ..tools import record


class Forms:
    """What the chief physician has prepared: templates, phrases, standards."""

    def __init__(self, env, network):
        self.env = env
        self.network = network
        self.rows = record.load()

    def make(self):
        for key, codes in self.rows["templates"].items():
            self.env.ref(f"clinic_emr.{key}").write(
                {"active": True, "specialty_ids": [Command.set(self._ids(codes))]}
            )
        self.env["clinic.phrase"].create(
            [
                {
                    "name": row["name"],
                    "part": row["part"],
                    "text": row["text"],
                    "user_id": False,
                    "specialty_ids": [
                        Command.set(self._ids(row.get("specialties", ())))
                    ],
                }
                for row in self.rows["phrases"]
            ]
        )
        self._make_standards()

    def _ids(self, codes):
        return [self.network.specialties[code].id for code in codes]

    def _make_standards(self):
        by_code = {code.code: code.id for code in self.env["clinic.icd10"].search([])}
        self.env["clinic.care.standard"].create(
            [
                {
                    "name": row["name"],
                    "basis": row["basis"],
                    "icd10_ids": [
                        Command.set([by_code[code] for code in row.get("codes", ())])
                    ],
                    "service_ids": [
                        Command.set(
                            [
                                self.network.services[key].id
                                for key in row.get("services", ())
                            ]
                        )
                    ],
                    "line_ids": [
                        Command.create(self._line_vals(number, line))
                        for number, line in enumerate(row["lines"])
                    ],
                }
                for row in self.rows["standards"]
            ]
        )

    def _line_vals(self, number, line):
        vals = {key: value for key, value in line.items() if key != "service"}
        if "service" in line:
            vals["service_id"] = self.network.services[line["service"]].id
        return {"sequence": number, **vals}
