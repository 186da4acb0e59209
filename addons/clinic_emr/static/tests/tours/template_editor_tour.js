import {registry} from "@web/core/registry";

/** The chief physician builds a template from nothing and puts it into use. */
registry.category("web_tour.tours").add("clinic_emr_template_editor", {
    steps: () => [
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit Endocrinology",
        },
        {
            content: "Whom it is for is said while it is for everybody",
            trigger: ".alert-info:not(.d-none)",
        },
        {
            trigger: "button[name=action_edit]",
            run: "click",
        },
        {
            content: "Add a field",
            trigger: ".o_field_widget[name=item_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=name] input",
            run: "edit Glucose",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=kind] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:eq(4)",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=high] input",
            run: "edit 6.1",
        },
        {
            content: "See it as the specialist will",
            trigger: ".nav-link[name=preview]",
            run: "click",
        },
        {
            trigger: ".o_clinic_sheet_item.o_kind_number:contains('Glucose')",
        },
        {
            trigger: "button[name=action_publish]",
            run: "click",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is in use",
            trigger: ".o_arrow_button_current[data-value=published]",
        },
    ],
});
