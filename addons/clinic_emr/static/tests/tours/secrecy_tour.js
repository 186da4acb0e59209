import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const openPatient = [
    {
        content: "Search the patient",
        trigger: ".o_searchview_input",
        run: "edit Tour Patient && press Enter",
    },
    {
        content: "Open the card",
        trigger: ".o_data_row td:contains('Tour Patient')",
        run: "click",
    },
];

tours.add("clinic_emr_emergency", {
    steps: () => [
        ...openPatient,
        {
            content: "The record of a foreign patient",
            trigger: "button[name=action_clinic_medical_record]",
            run: "click",
        },
        {
            content: "It is refused, and the way out is said",
            trigger: ".modal:contains('Tour Patient') .btn-primary",
            run: "click",
        },
        {
            content: "Take that way",
            trigger:
                "body:not(:has(.modal)) button[name=action_clinic_emergency_access]",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit Unconscious in the corridor, the allergies are needed",
        },
        {
            content: "Open the record",
            trigger: ".modal button[name=action_take]",
            run: "click",
        },
        {
            content: "It is open",
            trigger: ".o_clinic_record .o_clinic_timeline",
        },
    ],
});

tours.add("clinic_emr_emergency_verdict", {
    steps: () => [
        {
            content: "What is to be judged",
            trigger: ".o_data_row:contains('Tour Patient') td[name=reason]",
            run: "click",
        },
        {
            content: "Look what was opened",
            trigger: "button[name=action_open_looks]",
            run: "click",
        },
        {
            content: "Every look is there",
            trigger: ".o_data_row td:contains('Tour Patient')",
        },
        {
            content: "Back",
            trigger: ".o_back_button a, .breadcrumb-item a:last",
            run: "click",
        },
        {
            content: "Write what the judgement rests on",
            trigger: ".o_field_widget[name=verdict_note] input",
            run: "edit The nurse on duty has confirmed it",
        },
        {
            content: "It was right",
            trigger: "button[name=action_justified]",
            run: "click",
        },
        {
            content: "Judged",
            trigger: ".o_field_widget[name=judged_at]:contains(':')",
        },
    ],
});

tours.add("clinic_emr_withdraw", {
    steps: () => [
        {
            content: "Open what can be done with the visit",
            trigger: ".o_cp_action_menus .dropdown-toggle",
            run: "click",
        },
        {
            content: "Withdraw it",
            // the only one without an icon: Odoo's own have one
            trigger: ".o-dropdown--menu .o_menu_item:not(:has(i)):last",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Written for a patient of the same name",
        },
        {
            content: "Do it",
            trigger: ".modal button[name=action_archive]",
            run: "click",
        },
        {
            content: "It says that it was withdrawn",
            trigger: ".alert-danger:contains('Written for a patient of the same name')",
        },
    ],
});

tours.add("clinic_emr_bring_back", {
    steps: () => [
        {
            content: "The withdrawn visit with its reason",
            trigger:
                ".o_data_row:contains('Written for a patient of the same name') button[name=action_restore]",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "Nothing is withdrawn any more",
            trigger: ".o_view_nocontent",
        },
    ],
});
