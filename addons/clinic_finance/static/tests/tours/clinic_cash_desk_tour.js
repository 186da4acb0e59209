import {registry} from "@web/core/registry";

/**
 * A patient at the desk: found by phone, booked, received, and pays in cash.
 *
 * No step looks for translated words: it passes in any language of the database.
 */
registry.category("web_tour.tours").add("clinic_cash_desk_tour", {
    steps: () => [
        {
            content: "Open the booking dialog from the list of today",
            trigger: ".o_control_panel .btn-primary[name]",
            run: "click",
        },
        {
            content: "Find the patient by phone, spelt as people say it",
            trigger: ".modal div[name=patient_id] input",
            run: "edit 8 912 200-77-02",
        },
        {
            trigger: ".modal .ui-menu-item a:contains(Tour Payer)",
            run: "click",
        },
        {
            content: "Choose the service",
            trigger: ".modal div[name=service_id] input",
            run: "edit Tour paid visit",
        },
        {
            trigger: ".modal .ui-menu-item a:contains(Tour paid visit)",
            run: "click",
        },
        {
            content: "Click the first free window",
            trigger: ".modal .o_clinic_slots_day .o_clinic_slot:first",
            run: "click",
        },
        {
            trigger: ".modal footer button[name=action_book]",
            run: "click",
        },
        {
            content: "Open the visit from what says that it is booked",
            trigger: ".o_clinic_toast .o_notification_buttons button:last",
            run: "click",
        },
        {
            content: "The patient arrives",
            trigger: ".o_form_view button[name=action_arrive]",
            run: "click",
        },
        {
            // Not the status bar: between many buttons it folds into a menu.
            trigger: ".o_form_view button[name=action_print_act]",
        },
        {
            content: "The visit is not paid yet",
            trigger: ".o_form_view div[name=payment_state] .text-bg-danger",
        },
        {
            content: "Take the payment",
            trigger: ".o_form_view button[name=action_take_payment]",
            run: "click",
        },
        {
            content: "The patient gives more than is due",
            trigger: ".modal div[name=cash_given] input",
            run: "edit 5000 && press Tab",
        },
        {
            content: "The change is counted",
            trigger: ".modal div[name=cash_change]:contains(000)",
        },
        {
            trigger: ".modal footer button[name=action_pay]",
            run: "click",
        },
        {
            content: "The visit is paid",
            trigger: ".o_form_view div[name=payment_state] .text-bg-success",
        },
        {
            content: "Nothing more is asked",
            trigger: ".o_form_view:not(:has(button[name=action_take_payment]))",
        },
    ],
});
