import {registry} from "@web/core/registry";

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
            content: "Add a diagnosis by its key",
            trigger:
                ".o_field_widget[name=diagnosis_ids] .o_field_x2many_list_row_add a[data-hotkey=d]",
            run: async (helpers) => {
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
