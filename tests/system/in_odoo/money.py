"""Races for the money of a patient."""

# ruff: noqa: F821 - one script with stage.py before it


@story
def two_cashiers_take_for_one_debt():
    """Both have money in hand: both sums are booked, what is too much waits."""
    patient = make_patient()
    invoice = make_invoice(patient, 3000)
    commit()
    look = Look(
        patient,
        at_once(("cashier", take(patient, 3000)), ("reception", take(patient, 3000))),
    )
    look.want_oks(2)
    look.want("taken", look.taken, 6000)
    look.want("on the account", look.balance, 3000)
    look.want("matched", look.matched, 3000)
    look.want("left of the invoice", invoice.amount_residual, 0)
    return look


@story
def one_screen_is_sent_twice():
    patient = make_patient()
    make_invoice(patient, 3000)
    commit()
    send = take(patient, 3000, key=f"race-{patient.id}")
    look = Look(patient, at_once(("cashier", send), ("cashier", send)))
    look.want_oks(2)
    look.want("taken", look.taken, 3000)
    if len(set(look.oks)) != 1:
        look.problems.append("a repeat got another payment")
    return look


@story
def two_cashiers_let_one_credit_pay():
    patient = make_patient()
    make_payment(patient, 3000)
    for amount in (3000, 3000, 1000):
        make_invoice(patient, amount)
    root.env.cr.precommit.data.pop("clinic.match", None)
    commit()
    look = Look(
        patient,
        at_once(("cashier", allocate(patient)), ("reception", allocate(patient))),
    )
    look.want_oks(2)
    look.want("matched", look.matched, 3000)
    look.want("on the account", look.balance, -4000)
    return look


@story
def two_cashiers_choose_different_charges_for_one_credit():
    patient = make_patient()
    payment = make_payment(patient, 3000)
    one, two = make_invoice(patient, 3000), make_invoice(patient, 2000)
    root.env.cr.precommit.data.pop("clinic.match", None)
    commit()
    look = Look(
        patient,
        at_once(
            ("cashier", by_hand(one, payment)), ("reception", by_hand(two, payment))
        ),
    )
    # Who chose the smaller charge has left 1000 for the other.
    look.want("matched", look.matched, 3000)
    look.want("on the account", look.balance, -2000)
    return look


@story
def two_cashiers_return_one_credit():
    patient = make_patient()
    make_payment(patient, 3000)
    commit()
    look = Look(
        patient,
        at_once(
            ("cashier", give_back(patient, 3000)), ("finance", give_back(patient, 3000))
        ),
    )
    look.want_oks(1)
    look.want("returned", look.returned, 3000)
    return look


@story
def a_match_meets_a_refund_of_its_payment():
    patient = make_patient()
    payment = make_payment(patient, 3000)
    invoice = make_invoice(patient, 3000)
    root.env.cr.precommit.data.pop("clinic.match", None)
    commit()
    look = Look(
        patient,
        at_once(
            ("reception", allocate(patient)),
            ("cashier", give_back(patient, 3000, payment)),
        ),
    )
    look.want_oks(2)
    look.want("returned", look.returned, 3000)
    look.want("left of the invoice", invoice.amount_residual, 3000)
    return look


@story
def a_match_by_hand_meets_a_refund_of_a_part():
    patient = make_patient()
    payment = make_payment(patient, 3000)
    invoice = make_invoice(patient, 3000)
    root.env.cr.precommit.data.pop("clinic.match", None)
    commit()
    look = Look(
        patient,
        at_once(
            ("reception", by_hand(invoice, payment)),
            ("cashier", give_back(patient, 1000, payment)),
        ),
    )
    look.want("returned", look.returned, 1000)
    look.want("on the account", look.balance, -1000)
    return look


@story
def a_refund_meets_the_undoing_of_the_same_match():
    patient = make_patient()
    invoice = make_invoice(patient, 3000)
    commit()
    payment = make_payment(patient, 3000)
    match = root.search([("partner_id", "=", patient.id)])
    commit()
    look = Look(
        patient,
        at_once(
            ("reception", undo(match)),
            ("cashier", give_back(patient, 3000, payment)),
        ),
    )
    look.want("returned", look.returned, 3000)
    look.want("left of the invoice", invoice.amount_residual, 3000)
    return look


@story
def two_cashiers_return_one_payment():
    patient = make_patient()
    invoice = make_invoice(patient, 3000)
    commit()
    payment = make_payment(patient, 3000)
    commit()
    act = give_back(patient, 3000, payment, credit=True)
    look = Look(patient, at_once(("cashier", act), ("finance", act)))
    look.want_oks(1)
    look.want("returned", look.returned, 3000)
    look.want("on the account", look.balance, 0)
    look.want("left of the invoice", invoice.amount_residual, 0)
    return look


@story
def one_refund_is_sent_twice():
    patient = make_patient()
    payment = make_payment(patient, 3000)
    commit()
    act = give_back(patient, 2000, payment, key=f"back-{patient.id}")
    look = Look(patient, at_once(("cashier", act), ("cashier", act)))
    look.want_oks(2)
    look.want("returned", look.returned, 2000)
    return look


@story
def a_payment_meets_a_refund():
    """One desk takes for a debt while another returns the advance that waits."""
    patient = make_patient()
    payment = make_payment(patient, 1000)
    commit()
    look = Look(
        patient,
        at_once(
            ("reception", take(patient, 500)),
            ("cashier", give_back(patient, 1000, payment)),
        ),
    )
    look.want_oks(2)
    look.want("on the account", look.balance, 500)
    return look
