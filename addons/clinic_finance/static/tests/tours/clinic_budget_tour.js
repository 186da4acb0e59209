import {registry} from "@web/core/registry";

const planned = ".o_cbg_table tr.o_cbg_item:contains(Tour rent) td.o_cbg_planned";

/** Press keys at once, faster than anything is drawn. */
function press(...keys) {
    const grid = document.querySelector(".o_cbg_scroll");
    for (const key of keys) {
        grid.dispatchEvent(
            new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})
        );
    }
}

/**
 * The accountant plans rent in the grid and looks what was really paid.
 *
 * No step looks for translated words: it passes in any language of the database.
 */
registry.category("web_tour.tours").add("clinic_budget_tour", {
    steps: () => [
        {
            content: "Open the budget from the list",
            trigger: ".o_list_view td:contains(Tour budget)",
            run: "click",
        },
        {
            content: "Choose the planned figure",
            trigger: `${planned}.o_cbg_editable`,
            run: "click",
        },
        {
            trigger: `${planned}.o_cbg_cursor`,
            run() {
                press("4");
            },
        },
        {
            content: "Typing replaces; a formula is counted",
            trigger: `${planned} input.o_cbg_input`,
            run: "edit =3*400 && press Enter",
        },
        {
            trigger: `${planned}:contains(/1.?200/)`,
        },
        {
            content: "Typed faster than the field is drawn: no digit is lost",
            trigger: `${planned}:contains(/1.?200/)`,
            run: "click",
        },
        {
            trigger: `${planned}.o_cbg_cursor`,
            run() {
                press(..."=2*95", "Backspace", "8", "Enter");
            },
        },
        {
            trigger: `${planned}:contains(/^196$/)`,
        },
        {
            trigger: planned,
            run: "click",
        },
        {
            trigger: `${planned}.o_cbg_cursor`,
            run() {
                press(..."1200", "Enter");
            },
        },
        {
            trigger: `${planned}:contains(/1.?200/)`,
        },
        {
            content: "It is saved by itself",
            trigger: ".o_cbg_saving .fa-check",
        },
        {
            content: "What was paid: look into the entries",
            trigger:
                ".o_cbg_table tr.o_cbg_item:contains(Tour rent) td.o_cbg_actual span:contains(300)",
            run: "click",
        },
        {
            content: "One entry is behind it",
            trigger: ".o_list_view .o_data_row:contains(300)",
        },
        {
            content: "Back to the figures",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:last",
            run: "click",
        },
        {
            trigger: `${planned}:contains(/1.?200/)`,
        },
    ],
});

/** The director approves a bill within the queue, opened from the list. */
registry.category("web_tour.tours").add("clinic_bills_tour", {
    steps: () => [
        {
            trigger:
                ".o_list_view .o_data_row:contains(Tour paper) td[name=description]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_approve]",
            run: "click",
        },
        {
            // Not the status bar: between many buttons it folds into a menu.
            trigger: ".o_form_view .o_field_widget[name=approved_by_id]",
        },
    ],
});

/** The accountant pays what is approved from one list. */
registry.category("web_tour.tours").add("clinic_bills_pay_tour", {
    steps: () => [
        {
            trigger:
                ".o_list_view .o_data_row:contains(Tour paper) .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_control_panel button[name=action_pay]",
            run: "click",
        },
        {
            trigger: ".modal .o_list_view .o_data_row:contains(Tour supplier)",
        },
        {
            trigger: ".modal footer button[name=action_pay]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view .o_field_widget[name=amount]",
        },
    ],
});
