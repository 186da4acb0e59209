import {registry} from "@web/core/registry";

/** The desk books a referral: patient and service stand there, a window is chosen. */
registry.category("web_tour.tours").add("clinic_emr_referral", {
    steps: () => [
        {
            trigger: ".o_data_row:contains('Tour Patient') button[name=action_book]",
            run: "click",
        },
        {
            content: "It is booked by a referral",
            trigger: ".modal .o_clinic_by_referral",
        },
        {
            content: "Take the first free window",
            trigger: ".modal .o_clinic_choice[tabindex='0']",
            run: "click",
        },
        {
            trigger: ".modal footer button[name=action_book]:enabled",
            run: "click",
        },
        {
            content: "It is said that it was booked",
            trigger: ".o_clinic_toast",
        },
    ],
});

/** Without a mouse: Enter on the button of a line presses it. */
registry.category("web_tour.tours").add("clinic_emr_order_keys", {
    steps: () => [
        {
            trigger:
                ".o_field_widget[name=service_request_ids] button[name=action_book]",
            run: async (helpers) => {
                helpers.anchor.focus();
                await helpers.press("Enter");
            },
        },
        {
            content: "The search of windows has opened",
            trigger: ".modal .o_clinic_by_referral",
        },
        {
            trigger: ".modal .o_clinic_choice[tabindex='0']",
            run: "click",
        },
        {
            trigger: ".modal footer button[name=action_book]:enabled",
            run: "click",
        },
        {
            trigger: ".o_clinic_toast",
        },
    ],
});
