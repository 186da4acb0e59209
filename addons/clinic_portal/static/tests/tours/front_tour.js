import {registry} from "@web/core/registry";

// The browser's own date field takes a whole date only.
function fillBirthdate({anchor}) {
    anchor.value = "1991-07-08";
    anchor.dispatchEvent(new Event("change", {bubbles: true}));
}

registry.category("web_tour.tours").add("clinic_portal_front", {
    steps: () => [
        {
            content: "Search by a word",
            trigger: ".o_clinic_search input[name=q]",
            run: "edit Therapist",
        },
        {
            trigger: ".o_clinic_search .input-group button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_clinic_specialist_card h3 a:contains(Test Therapist)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The specialist's own page offers the nearest times",
            trigger: ".o_clinic_specialist h1:contains(Test Therapist)",
        },
        {trigger: ".o_clinic_window", run: "click", expectUnloadPage: true},
        {
            content: "Who has been here before takes a code",
            trigger: ".o_clinic_to_register",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: ".o_clinic_to_code", run: "click", expectUnloadPage: true},
        {
            trigger: ".o_clinic_code_contact input[name=contact]",
            run: "edit nina@example.com",
        },
        {
            trigger: ".o_clinic_code_contact button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "A wrong code is told so",
            trigger: ".o_clinic_code_check input[name=code]",
            run: "edit 111111",
        },
        {
            trigger: ".o_clinic_code_check button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: "#code_error"},
        {
            trigger: ".o_clinic_code_check input[name=code]",
            run: "edit 123 456",
        },
        {
            trigger: ".o_clinic_code_check button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The proven e-mail is not changed",
            trigger: ".o_clinic_register input[name=email][readonly]",
        },
        {
            trigger: ".o_clinic_register input[name=name]",
            run: "edit Known Nina",
        },
        {
            trigger: ".o_clinic_register input[name=phone]",
            run: "edit +7 912 200-00-55",
        },
        {
            trigger: ".o_clinic_register input[name=birthdate]",
            run: fillBirthdate,
        },
        {trigger: ".o_clinic_register input[value=female]", run: "click"},
        {
            trigger: ".o_clinic_register input[name=password]",
            run: "edit long-enough",
        },
        {
            trigger: ".o_clinic_register input[name=consent_personal_data]",
            run: "click",
        },
        {
            trigger: ".o_clinic_register button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Back at the chosen time",
            trigger: ".o_clinic_confirm button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: ".o_clinic_notice.alert-success"},
    ],
});

registry.category("web_tour.tours").add("clinic_portal_family", {
    steps: () => [
        {
            trigger: ".o_clinic_add_child",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: ".o_clinic_child input[name=name]", run: "edit Small Petr"},
        {
            trigger: ".o_clinic_child input[name=birthdate]",
            run({anchor}) {
                anchor.value = `${new Date().getFullYear() - 4}-01-01`;
                anchor.dispatchEvent(new Event("change", {bubbles: true}));
            },
        },
        {trigger: ".o_clinic_child input[value=male]", run: "click"},
        {trigger: ".o_clinic_child input[name=representative]", run: "click"},
        {trigger: ".o_clinic_child input[name=consent_personal_data]", run: "click"},
        {
            trigger: ".o_clinic_child button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: ".o_clinic_wards:contains(Small Petr)"},
        {
            content: "Leave for an adult",
            trigger: ".o_clinic_invite input[name=email]",
            run: "edit wife@example.com",
        },
        {
            trigger: ".o_clinic_invite button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "And called off again",
            trigger: ".o_clinic_given .o_clinic_row:contains(wife@example.com) button",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: ".o_clinic_given:not(:contains(wife@example.com))"},
    ],
});

registry.category("web_tour.tours").add("clinic_portal_errors", {
    steps: () => [
        {
            content: "Send it empty, past the browser's own check",
            trigger: ".o_clinic_page form:has(textarea[name=body]) button[type=submit]",
            run() {
                this.anchor.form.noValidate = true;
                this.anchor.click();
            },
            expectUnloadPage: true,
        },
        {
            content: "The first wrong field has the focus and says what is wrong",
            trigger:
                "input[name=kind]:focus[aria-invalid=true][aria-describedby=kind_error]",
        },
        {
            trigger:
                "textarea[name=body][aria-invalid=true][aria-describedby=body_error]",
        },
    ],
});
