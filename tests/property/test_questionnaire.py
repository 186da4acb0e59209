"""What a questionnaire asks, against the definition read question by question."""

from hypothesis import given, strategies as st

from odoo.addons.clinic_schedule.tools.questionnaire import (
    Person,
    Question,
    asked,
    score,
)

ANSWERS = 12


@st.composite
def questionnaires(draw):
    """Questions with two answers each; conditions name any answers at all."""
    questions = []
    for number in range(draw(st.integers(0, ANSWERS // 2))):
        low = draw(st.integers(0, 90))
        questions.append(
            Question(
                number,
                (2 * number, 2 * number + 1),
                age_min=low,
                age_max=draw(st.sampled_from([0, low, low + 20])),
                gender=draw(st.sampled_from(["any", "female", "male"])),
                needs=draw(st.frozensets(st.integers(0, ANSWERS), max_size=2)),
            )
        )
    return questions


people = st.builds(
    Person,
    st.none() | st.integers(0, 110),
    st.sampled_from([None, "female", "male", "other"]),
)
ticked = st.frozensets(st.integers(0, ANSWERS))


@given(questionnaires(), ticked, people)
def test_only_answers_to_questions_asked_count(questions, answers, person):
    shown, counted = asked(questions, answers, person)
    owners = {a: q.question_id for q in questions for a in q.answer_ids}
    assert counted <= answers
    assert {owners[answer] for answer in counted} <= set(shown)
    assert all(a in counted for a in answers if owners.get(a) in shown)


@given(questionnaires(), ticked, people)
def test_each_question_is_asked_exactly_when_its_conditions_hold(
    questions, answers, person
):
    shown, counted = asked(questions, answers, person)
    for place, question in enumerate(questions):
        before = {a for q in questions[:place] for a in q.answer_ids} & counted
        wanted = not question.needs or bool(question.needs & before)
        if person.age is not None:
            wanted = wanted and person.age >= question.age_min
            wanted = wanted and (not question.age_max or person.age <= question.age_max)
        if person.gender is not None and question.gender != "any":
            wanted = wanted and person.gender == question.gender
        assert (question.question_id in shown) == wanted


@given(questionnaires(), ticked, people)
def test_dropped_answers_change_nothing(questions, answers, person):
    shown, counted = asked(questions, answers, person)
    assert asked(questions, counted, person) == (shown, counted)


weights = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(-3, 3)), max_size=20
)


@given(weights, ticked, st.integers(1, 5), st.integers(0, 3))
def test_problems_are_those_with_the_most_points(lines, answers, threshold, at_most):
    result = score(lines, answers, threshold, at_most)
    totals = {
        problem: sum(p for a, b, p in lines if b == problem and a in answers)
        for problem in {b for a, b, _points in lines if a in answers}
    }
    assert dict(result.points) == totals
    chosen = [totals[problem] for problem in result.problem_ids]
    assert chosen == sorted(chosen, reverse=True)
    assert all(total >= threshold for total in chosen)
    left_out = [
        total
        for problem, total in totals.items()
        if total >= threshold and problem not in result.problem_ids
    ]
    assert not left_out or (
        at_most and len(chosen) >= at_most and max(left_out) < chosen[-1]
    )
