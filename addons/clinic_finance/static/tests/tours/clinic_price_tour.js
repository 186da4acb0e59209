import {registry} from "@web/core/registry";

/**
 * The accountant agrees on prices with all who are treated, after a look at them.
 *
 * No step looks for translated words: it passes in any language of the database.
 */
registry.category("web_tour.tours").add("clinic_price_generate_tour", {
    steps: () => [
        {
            content: "Generate from the list of agreed prices",
            trigger: ".o_control_panel .btn-secondary[name]",
            run: "click",
        },
        {
            content: "Only of one specialist",
            trigger: ".modal div[name=specialist_ids] input",
            run: "edit Tour Price Doctor",
        },
        {
            trigger: ".modal .ui-menu-item a:contains(Tour Price Doctor)",
            run: "click",
        },
        {
            trigger: ".modal footer button[name=action_preview]",
            run: "click",
        },
        {
            content: "Everything is shown before it is written",
            trigger: ".modal .o_data_row:contains(Tour Price Patient)",
        },
        {
            trigger: ".modal footer button[name=action_apply]",
            run: "click",
        },
        {
            content: "The list of what was agreed",
            trigger:
                "body:not(:has(.modal)) .o_list_view .o_data_row:contains(Tour Price Patient)",
        },
    ],
});

registry.category("web_tour.tours").add("clinic_price_why_tour", {
    steps: () => [
        {
            content: "The reception asks why the visit costs what it does",
            trigger: ".o_form_view .o_clinic_price_why",
            run: "click",
        },
        {
            content: "The agreement is named, and the price of the list below it",
            trigger: ".o_clinic_price_why_steps:contains(contract 77)",
        },
        {
            content: "What the specialist gets of it is not told here",
            trigger: ".o_clinic_price_why_steps:not(:has(.fa-user-md))",
        },
    ],
});
