import {registry} from "@web/core/registry";

/**
 * The accountant writes a rule, tries it on the past, and switches it on.
 *
 * No step looks for translated words: it passes in any language of the database.
 */
registry.category("web_tour.tours").add("clinic_decision_rules_tour", {
    steps: () => [
        {
            content: "A new rule",
            trigger: ".o_control_panel .o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_form_view div[name=name] input",
            run: "edit Tour rule",
        },
        {
            content: "Add a condition",
            trigger: "div[name=condition_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Less than so many hours are left",
            trigger: ".modal div[name=number] input",
            run: "edit 24",
        },
        {
            trigger: ".modal footer .o_form_button_save",
            run: "click",
        },
        {
            content: "The condition is said in words",
            trigger: "div[name=condition_ids] .o_data_row td[name=words]:contains(24)",
        },
        {
            content: "Try it on the past; the rule is saved by that",
            trigger: "button[name=action_try]",
            run: "click",
        },
        {
            trigger: "div[name=rule_ids] .o_tag:contains(Tour rule)",
        },
        {
            trigger: ".o_form_view:has(div[name=scope]) button[name=action_try]",
            run: "click",
        },
        {
            content: "It says whom it would have touched",
            trigger: ".alert-info div[name=summary]:not(:empty)",
        },
        {
            trigger: "div[name=line_ids] .o_data_row:contains(Tour Debtor)",
        },
    ],
});
