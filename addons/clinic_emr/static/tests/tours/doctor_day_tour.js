import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("clinic_emr_doctor_day", {
    steps: () => [
        {
            content: "The day shows the patient who has arrived: start the visit",
            trigger: ".o_kanban_record:contains('Tour Patient') .o_clinic_start",
            run: "click",
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
            content: "Add a diagnosis",
            trigger:
                ".o_field_widget[name=diagnosis_ids] .o_field_x2many_list_row_add a",
            run: "click",
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
