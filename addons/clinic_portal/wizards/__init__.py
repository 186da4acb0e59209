from . import clinic_question_reply
