import {registry} from "@web/core/registry";

/** The next stage of an agreed plan is ordered; the plan shows what was. */
registry.category("web_tour.tours").add("clinic_emr_care_plan", {
    steps: () => [
        {
            content: "Nothing is done yet; order the first stage",
            trigger: "button[name=action_order_stage]",
            run: "click",
        },
        {
            content: "See what was ordered",
            trigger: "button[name=action_open_requests]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row td[name=service_id]",
        },
    ],
});
