import {registry} from "@web/core/registry";

/**
 * A doctor is ill: the reception moves the first visit to a colleague by one click, and
 * all the others at once.
 */
registry.category("web_tour.tours").add("clinic_rebooking_tour", {
    url: "/odoo/clinic-shifts",
    steps: () => [
        {
            content: "The counter in the bar says that visits must be moved",
            trigger: ".o_clinic_rebooking_systray .badge:contains(3)",
            run: "click",
        },
        {
            content: "The visits stand under their reason; a colleague is free then",
            trigger: ".o_data_row:contains(Tour First) .o_clinic_proposal:first",
            run: "click",
        },
        {
            content: "It is moved, and gone from the list",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(Tour First)))",
        },
        {
            trigger: ".o_clinic_rebooking_systray .badge:contains(2)",
        },
        {
            content: "The rest in one go",
            trigger: ".o_control_panel button[name=action_take_first_of_all]",
            run: "click",
        },
        {
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "What was moved and what was not is told",
            trigger: ".modal .o_clinic_rebooking_result:contains(Tour Second)",
        },
        {
            trigger: ".modal .o_clinic_rebooking_result .text-danger",
        },
        {
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "The last one stays: the patient wants it so",
            trigger: ".o_data_row:contains(Tour Third) button[name=action_keep]",
            run: "click",
        },
        {
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_view_nocontent",
        },
        {
            content: "Nothing to do, no counter",
            trigger: ".o_menu_systray:not(:has(.o_clinic_rebooking_systray))",
        },
    ],
});
