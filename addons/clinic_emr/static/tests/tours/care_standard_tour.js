import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("clinic_emr_care_standard", {
    steps: () => [
        {
            content: "An illness of an earlier visit is offered: take it over",
            trigger: "div[name=known_illnesses] button[name=action_carry_over]",
            run: "click",
        },
        {
            content: "It is among the diagnoses of this visit",
            trigger: ".o_field_widget[name=diagnosis_ids] td:contains('H66.0')",
        },
        {
            content: "The standard of the diagnosis is proposed; tick an item by hand",
            trigger:
                "div[name=care_items] tr:contains('Audiometry') td[name=is_ticked]",
            run: "click",
        },
        {
            content: "Write the examination",
            trigger: ".o_field_widget[name=examination] textarea",
            run: "edit Барабанная перепонка серая",
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
            content: "The visit belongs to an episode of care",
            trigger: "div[name=episode] .o_field_widget[name=episode_kind] span",
            // signing writes a lot: a busy machine takes its time
        },
    ],
});
