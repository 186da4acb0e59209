import {registry} from "@web/core/registry";

/**
 * The cash desk returns a part of a payment in cash.
 *
 * No step looks for translated words: it passes in any language of the database.
 */
registry.category("web_tour.tours").add("clinic_refund_tour", {
    steps: () => [
        {
            content: "A payment in cash has its order to print",
            trigger: ".o_form_view button[name=action_clinic_print_order]",
        },
        {
            trigger: ".o_form_view button[name=action_clinic_refund]",
            run: "click",
        },
        {
            content: "The whole payment is proposed",
            trigger: ".modal div[name=amount_max]:contains(000)",
        },
        {
            trigger: ".modal div[name=amount] input",
            run: "edit 500 && press Tab",
        },
        {
            content: "What it does to the invoice is said before",
            trigger: ".modal div[name=consequence]:contains(/)",
        },
        {
            trigger: ".modal div[name=reason] input",
            run: "edit Tour reason",
        },
        {
            trigger: ".modal footer button[name=action_refund]",
            run: "click",
        },
        {
            content: "The refund stands on the payment",
            trigger:
                ".o_form_view div[name=clinic_refund_ids] tr.o_data_row:contains(500)",
        },
    ],
});
