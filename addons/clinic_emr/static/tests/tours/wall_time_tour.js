import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("clinic_emr_wall_time", {
    steps: () => [
        {
            content: "22:30 in Greenwich is half past ten of the next day",
            trigger: ".o_field_widget[name=ordered_at]:contains(10:30)",
        },
        {
            content: "The zone is named where one points",
            trigger:
                ".o_field_widget[name=ordered_at] [data-tooltip='11.03.2026 10:30 (Asia/Kamchatka)']",
        },
    ],
});

/** Fail when a word of these is not to be read whole. */
function checkWhole(selector) {
    const cells = document.querySelectorAll(selector);
    if (!cells.length) {
        throw new Error(`Nothing at ${selector}`);
    }
    for (const cell of cells) {
        if (cell.scrollWidth > cell.clientWidth) {
            throw new Error(`Cut: ${cell.innerText || cell.value}`);
        }
    }
}

const LIST = ".o_field_widget[name=medication_request_ids]";

registry.category("web_tour.tours").add("clinic_emr_prescription_widths", {
    steps: () => [
        {
            trigger: `${LIST} td[name=medication_id]`,
            run() {
                checkWhole(`${LIST} th > div > span`);
                checkWhole(`${LIST} td[name=medication_id]`);
            },
        },
        {trigger: `${LIST} .o_field_x2many_list_row_add a`, run: "click"},
        {
            trigger: `${LIST} .o_selected_row [name=medication_id] input`,
            run: "edit Testomoxiclavulin",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Testomoxiclavulin')",
            run: "click",
        },
        {
            content: "What speaks against it is said while the line is still open",
            trigger:
                ".o_clinic_prescription_warnings:contains('Testomoxiclavulin'):contains('Testocillin')",
        },
        {
            trigger: `${LIST} .o_selected_row [name=override_reason] input`,
            run: "edit Taken well before",
        },
        {
            trigger: `${LIST} th[data-name=override_reason]`,
            run() {
                checkWhole(`${LIST} th > div > span`);
                checkWhole(`${LIST} td[name=medication_id]`);
            },
        },
        {trigger: ".o_form_button_save", run: "click"},
        {trigger: ".o_form_view:not(:has(.o_form_button_save:visible))"},
    ],
});
