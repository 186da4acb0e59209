"""Questions get a questionnaire with a version; what was asked so far is version 1."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute("SELECT 1 FROM clinic_screening_question WHERE questionnaire_id IS NULL")
    if not cr.rowcount:
        return
    current = env.ref("clinic_schedule.screening_questionnaire")
    cr.execute(
        "UPDATE clinic_screening_question SET questionnaire_id = %s"
        " WHERE questionnaire_id IS NULL",
        (current.id,),
    )
    cr.execute("SELECT to_regclass('clinic_screening_answer_problem_rel')")
    if cr.fetchone()[0]:
        cr.execute(
            """INSERT INTO clinic_screening_score (answer_id, problem_id, points)
               SELECT clinic_screening_answer_id, clinic_problem_id, 1
                 FROM clinic_screening_answer_problem_rel
          ON CONFLICT DO NOTHING"""
        )
    env.invalidate_all()
    if current.state == "draft":
        current.action_publish()
