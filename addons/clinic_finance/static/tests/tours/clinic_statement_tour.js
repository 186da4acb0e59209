import {registry} from "@web/core/registry";

/**
 * The cash desk reads the statement of a patient, and takes a match apart.
 *
 * No step looks for translated words: it passes in any language of the database.
 */
registry.category("web_tour.tours").add("clinic_statement_tour", {
    steps: () => [
        {
            trigger: ".o_form_view button[name=action_clinic_statement]",
            run: "click",
        },
        {
            content: "The charge and the payment, without the match",
            trigger: ".o_list_view tr.o_data_row:count(2)",
        },
        {
            content: "Show which payment paid what",
            trigger: ".o_searchview_facet .o_facet_remove",
            run: "click",
        },
        {
            trigger: ".o_list_view tr.o_data_row.text-muted",
        },
        {
            trigger: ".o_back_button a",
            run: "click",
        },
        {
            content: "The statement is printed for a period",
            trigger: ".o_form_view button[name=action_clinic_print_statement]",
            run: "click",
        },
        {
            trigger: ".modal div[name=date_from]",
        },
        {
            trigger: ".modal footer .btn-secondary",
            run: "click",
        },
        {
            trigger: ".o_form_view .nav-link[name=matches]",
            run: "click",
        },
        {
            content: "Take the match apart",
            trigger: ".o_form_view .tab-pane.active button[name=action_undo]",
            run: "click",
        },
        {
            trigger: ".modal div[name=reason] input",
            run: "edit Tour reason",
        },
        {
            trigger: ".modal footer button[name=action_undo]",
            run: "click",
        },
        {
            content: "It stays in sight, undone",
            trigger: ".o_form_view .tab-pane.active tr.o_data_row.text-muted",
        },
    ],
});
