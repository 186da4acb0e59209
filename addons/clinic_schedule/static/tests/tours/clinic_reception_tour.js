import {registry} from "@web/core/registry";

/**
 * The morning at the desk: a patient calls, is found by phone, booked, and arrives.
 *
 * Other addons add their steps (taking the money, for instance) by a tour of their own.
 */
registry.category("web_tour.tours").add("clinic_reception_tour", {
    url: "/odoo/clinic-today",
    steps: () => [
        {
            content: "Open the booking dialog from the list of today",
            trigger: ".o_control_panel .btn-primary[name]",
            run: "click",
        },
        {
            content: "Find the patient by phone, spelt as people say it",
            trigger: ".modal div[name=patient_id] input",
            run: "edit 8 (912) 200-77-01",
        },
        {
            trigger: ".modal .ui-menu-item a:contains(Tour Patient)",
            run: "click",
        },
        {
            content: "Choose the service",
            trigger: ".modal div[name=service_id] input",
            run: "edit Tour visit",
        },
        {
            trigger: ".modal .ui-menu-item a:contains(Tour visit)",
            run: "click",
        },
        {
            content: "Click the first free window",
            trigger: ".modal .o_clinic_slots_day .o_clinic_slot:first",
            run: "click",
        },
        {
            content: "The choice is repeated in words",
            trigger: ".modal div[name=chosen_words]:contains(Tour Doctor)",
        },
        {
            trigger: ".modal footer button[name=action_book]",
            run: "click",
        },
        {
            content: "The visit is booked and shown",
            trigger: ".o_form_view .o_arrow_button_current[data-value=booked]",
        },
        {
            content: "The patient arrives",
            trigger: ".o_form_view button[name=action_arrive]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_arrow_button_current[data-value=arrived]",
        },
    ],
});
