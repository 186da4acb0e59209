import {registry} from "@web/core/registry";

/** Holds the next save back a moment; resolves when it has been asked for. */
function slowSave() {
    const request = window.XMLHttpRequest.prototype;
    const {open, send} = request;
    return new Promise((resolve) => {
        request.open = function (method, url, ...rest) {
            this.isVisitSave = url.includes("/clinic.encounter/web_save");
            open.call(this, method, url, ...rest);
        };
        request.send = function (body) {
            if (this.isVisitSave) {
                Object.assign(request, {open, send});
                setTimeout(() => send.call(this, body), 1500);
                resolve();
            } else {
                send.call(this, body);
            }
        };
    });
}

registry.category("web_tour.tours").add("clinic_emr_doctor_day", {
    steps: () => [
        {
            content: "The day shows the patient who has arrived: start the visit",
            trigger: ".o_kanban_record:contains('Tour Patient') .o_clinic_start",
            run: "click",
        },
        {
            content: "One writes at once: the complaints have the focus",
            trigger: ".o_field_widget[name=complaint] textarea",
            run: ({anchor}) => {
                if (document.activeElement !== anchor) {
                    throw new Error("The complaints have no focus");
                }
            },
        },
        {
            content: "Write the complaints",
            trigger: ".o_field_widget[name=complaint] textarea",
            run: "edit Болит правое ухо",
        },
        {
            content: "Write the examination",
            trigger: ".o_field_widget[name=examination] textarea",
            run: "edit Барабанная перепонка гиперемирована",
        },
        {
            content: "Note an allergy",
            trigger: ".o_clinic_aside .o_field_widget[name=allergy_note] textarea",
            run: "edit Пенициллин",
        },
        {
            content: "Add a diagnosis by its key, while the visit is being saved",
            trigger:
                ".o_field_widget[name=diagnosis_ids] .o_field_x2many_list_row_add a[data-hotkey=d]",
            run: async (helpers) => {
                const saving = slowSave();
                const {VisitFormController} = window.odoo.loader.modules.get(
                    "@clinic_emr/visit/visit_form"
                );
                const {every} = VisitFormController;
                VisitFormController.every = 0;
                await saving;
                VisitFormController.every = every;
                await helpers.press("alt+d");
                // what is typed until the line is there belongs to no other text
                if (document.activeElement.matches("textarea")) {
                    throw new Error("Letters would go into the text written before");
                }
            },
        },
        {
            content: "The line stays while the visit saves itself",
            trigger: ".o_field_widget[name=icd10_id] input",
            run: async () => {
                const {VisitFormController} = window.odoo.loader.modules.get(
                    "@clinic_emr/visit/visit_form"
                );
                const {every} = VisitFormController;
                VisitFormController.every = 0;
                await new Promise((resolve) => setTimeout(resolve, 2000));
                VisitFormController.every = every;
            },
        },
        {
            content: "Search it by words in any order",
            trigger: ".o_field_widget[name=icd10_id] input",
            run: "edit отит гнойный",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains('H66.0')",
            run: "click",
        },
        {
            content: "A medicine by its key, from within the line of the diagnosis",
            trigger:
                ".o_field_widget[name=diagnosis_ids] .o_selected_row .o_field_widget[name=icd10_id] input:value(H66.0)",
            run: async (helpers) => {
                await helpers.press("alt+l");
            },
        },
        {
            content: "The line of the diagnosis is closed and keeps off the focus",
            trigger: ".o_form_view:not(:has([name=diagnosis_ids] .o_selected_row))",
        },
        {
            trigger: ".o_field_widget[name=medication_id] input",
            run: ({anchor}) => {
                if (document.activeElement !== anchor) {
                    throw new Error("The medicine has no focus");
                }
            },
        },
        {
            content: "A quick second Tab, on the link below the line, does no harm",
            trigger:
                ".o_field_widget[name=medication_request_ids] .o_field_x2many_list_row_add a",
            run: ({anchor}) =>
                anchor.dispatchEvent(
                    new KeyboardEvent("keydown", {key: "Tab", bubbles: true})
                ),
        },
        {
            content: "Leave it empty: it goes away",
            trigger: ".o_field_widget[name=medication_id] input",
            run: "press Escape",
        },
        {
            content: "Write the recommendations",
            trigger: ".o_field_widget[name=recommendations] textarea",
            run: "edit Капли в ухо, повторный приём через 5 дней",
        },
        {
            content: "Finish",
            trigger: "button[name=action_finish]",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "The visit is locked and can be printed",
            trigger: "button[name=action_print]",
        },
        {
            content: "Nothing can be typed any more",
            trigger: ".o_field_widget[name=complaint]:not(:has(textarea))",
        },
    ],
});
