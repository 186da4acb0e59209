import {registry} from "@web/core/registry";

/**
 * The cashier opens a shift, scans the slip of a visit, takes cash and a card, and
 * closes the shift with a difference.
 *
 * No step looks for translated words: it passes in any language of the database.
 */
registry.category("web_tour.tours").add("clinic_cash_screen_tour", {
    steps: () => [
        {
            content: "A shift is opened",
            trigger: ".o_clinic_cash .o_clinic_cash_open",
            run: "click",
        },
        {
            trigger: ".o_clinic_cash .o_clinic_cash_shift",
        },
        {
            content: "A code that nobody has",
            trigger: ".o_clinic_cash_search",
            run: "edit 99999999 && press Enter",
        },
        {
            trigger: ".o_clinic_cash_people .text-muted",
        },
        {
            content: "The scanner types the code under the Russian layout",
            trigger: ".o_clinic_cash_search",
            run: "edit М900001 && press Enter",
        },
        {
            content:
                "Money for nothing named pays what is owed, and the screen says so",
            trigger: ".o_clinic_cash input[type=checkbox]:checked",
            run: "click",
        },
        {
            trigger: "#clinic_cash_cash",
            run: "edit 2100",
        },
        {
            trigger: ".o_clinic_cash_pay .o_clinic_cash_for_debts:contains(2)",
        },
        {
            trigger: ".o_clinic_cash input[type=checkbox]:not(:checked)",
            run: "click",
        },
        {
            content: "A figure too many is asked about before it is booked",
            trigger: "#clinic_cash_cash",
            run: "edit 200000 && press Enter",
        },
        {
            trigger: ".modal .modal-footer .btn-secondary",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) #clinic_cash_cash",
            run: "edit 2000",
        },
        {
            content: "What is due is put in for cash; a part of it is paid by card",
            trigger: ".o_clinic_cash_pay #clinic_cash_card",
            run: "edit 500",
        },
        {
            content: "The rest is for cash, and the patient gives more",
            trigger: "#clinic_cash_cash:value(1500)",
        },
        {
            trigger: "#clinic_cash_given",
            run: "edit 2000 && press Enter",
        },
        {
            content: "Taken: the change, and the receipt that waits for its printer",
            trigger: ".o_clinic_cash_done .o_clinic_cash_back:contains(500)",
        },
        {
            trigger: ".o_clinic_cash_receipt[data-state=queued]",
        },
        {
            trigger: ".o_clinic_cash_next",
            run: "click",
        },
        {
            content: "A part of the cash goes to the bank",
            trigger: ".o_clinic_cash_move_open",
            run: "click",
        },
        {
            trigger: ".modal #clinic_cash_move_amount",
            run: "edit 500",
        },
        {
            trigger: ".modal .o_clinic_cash_move_confirm:enabled",
            run: "click",
        },
        {
            content: "The X report",
            trigger: "body:not(:has(.modal)) .o_clinic_cash_x",
            run: "click",
        },
        {
            content: "The drawer is counted",
            trigger: ".o_clinic_cash_close",
            run: "click",
        },
        {
            trigger: ".o_clinic_shift_close .o_clinic_taken_out:contains(500)",
        },
        {
            content: "One note more than the books say",
            trigger: ".o_clinic_shift_close input[data-note='100000']",
            run: "edit 1000",
        },
        {
            content: "It differs: without a reason it cannot be closed",
            trigger: ".modal-footer .o_clinic_shift_confirm:disabled",
        },
        {
            trigger: "#clinic_shift_reason",
            run: "edit Tour reason",
        },
        {
            trigger: ".modal-footer .o_clinic_shift_confirm:enabled",
            run: "click",
        },
        {
            content: "The closed shift",
            trigger: ".o_form_view button[name=action_print_act]",
        },
    ],
});

/** The box is away: the desk says so, takes the money, and says how many wait. */
registry.category("web_tour.tours").add("clinic_cash_box_down_tour", {
    steps: () => [
        {
            content: "The banner says that the register is not reached",
            trigger: ".o_clinic_cash .o_clinic_cash_down",
        },
        {
            trigger: ".o_clinic_cash_search",
            run: "edit V900001 && press Enter",
        },
        {
            trigger: ".o_clinic_cash_take:enabled",
            run: "click",
        },
        {
            trigger: ".o_clinic_cash_receipt[data-state=queued]",
        },
        {
            content: "One receipt waits",
            trigger: ".o_clinic_cash_down b:contains(1)",
        },
    ],
});

/** The terminal stands alone: its slip has a number. The drawer has stayed shut. */
registry.category("web_tour.tours").add("clinic_cash_slip_tour", {
    steps: () => [
        {
            content: "The drawer has stayed shut, and the cashier knows it by now",
            trigger: ".o_clinic_cash_shut_drawer .btn-close",
            run: "click",
        },
        {
            trigger:
                ".o_clinic_cash:not(:has(.o_clinic_cash_shut_drawer)) .o_clinic_cash_search",
            run: "edit V900001 && press Enter",
        },
        {
            trigger: ".o_clinic_cash_all_card",
            run: "click",
        },
        {
            content: "Without the number of the slip nothing is booked",
            trigger: ".o_clinic_cash_take:enabled",
            run: "click",
        },
        {
            trigger: ".o_clinic_cash_pay .o_clinic_cash_wants_slip",
        },
        {
            trigger: "#clinic_cash_reference",
            run: "edit 428811905533 && press Enter",
        },
        {
            trigger: ".o_clinic_cash_done .o_clinic_cash_receipt",
        },
    ],
});
