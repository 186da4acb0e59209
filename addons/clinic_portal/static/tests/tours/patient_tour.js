import {registry} from "@web/core/registry";

// The browser's own date field takes a whole date only.
function fillBirthdate({anchor}) {
    anchor.value = "1990-05-31";
    anchor.dispatchEvent(new Event("change", {bubbles: true}));
}

registry.category("web_tour.tours").add("clinic_portal_patient", {
    steps: () => [
        {
            content: "About the patient",
            trigger: ".o_clinic_step_active input[name=birthdate]",
            run: fillBirthdate,
        },
        {trigger: ".o_clinic_step_active input[value=female]", run: "click"},
        {
            content: "Enter in a field leads to the next question, not to the end",
            trigger: ".o_clinic_steps_next:visible",
            run: ({anchor}) => anchor.form.requestSubmit(),
        },
        {
            content: "What is not answered is asked again, as often as it takes",
            trigger: ".o_clinic_steps_submit:visible",
            run: "click",
        },
        {trigger: ".o_clinic_steps_hint:not(:empty)"},
        {
            content: "What brings you",
            trigger:
                ".o_clinic_stepping .o_clinic_step_active label:contains(Tour headache) input",
            run: "click",
        },
        {
            trigger: ".o_clinic_steps_submit:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The specialist is there, with the reasons",
            trigger: ".o_clinic_match:contains(Test Therapist) .o_clinic_reasons li",
        },
        {
            trigger: ".o_clinic_match:contains(Test Therapist) .o_clinic_window",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Register, the window is kept",
            trigger: ".o_clinic_to_register",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: ".o_clinic_when"},
        {trigger: ".o_clinic_register input[name=name]", run: "edit Tour Tanya"},
        {trigger: ".o_clinic_register input[name=phone]", run: "edit 8 912 200-00-99"},
        {trigger: ".o_clinic_register input[name=birthdate]", run: fillBirthdate},
        {trigger: ".o_clinic_register input[value=female]", run: "click"},
        {trigger: ".o_clinic_register input[name=email]", run: "edit tour@example.com"},
        {trigger: ".o_clinic_register input[name=password]", run: "edit long-enough"},
        {trigger: ".o_clinic_register input[name=consent_personal_data]", run: "click"},
        {
            trigger: ".o_clinic_register button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Pay now",
            trigger: ".o_clinic_confirm input[name=pay][value=now]",
            run: "click",
        },
        {
            trigger: ".o_clinic_confirm button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: ".o_clinic_countdown:contains(14:)"},
        {
            content: "Odoo's own payment form",
            trigger: "#o_payment_form button[name=o_payment_submit_button]:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The bank agreed",
            trigger: ".o_clinic_result[data-result=paid] a[href='/my/clinic']",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: ".o_clinic_next .o_clinic_visit .text-success"},
        {trigger: ".o_clinic_payments .o_clinic_row"},
    ],
});

registry.category("web_tour.tours").add("clinic_portal_urgent", {
    steps: () => [
        {
            trigger:
                ".o_clinic_stepping .o_clinic_step_active label:contains(Tour chest pain) input",
            run: "click",
        },
        {
            content: "Nothing else is asked of who must not wait",
            trigger: ".o_clinic_steps_next:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: ".o_clinic_stop a[href='tel:103']"},
        {trigger: ".o_clinic_stop:contains(Sit down)"},
    ],
});
