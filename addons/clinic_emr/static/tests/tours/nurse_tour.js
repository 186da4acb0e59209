import {registry} from "@web/core/registry";
import {signOnPad} from "./sign_on_pad";

registry.category("web_tour.tours").add("clinic_emr_nurse", {
    steps: () => [
        {
            content: "The patient is here: measure",
            trigger: ".o_kanban_record:contains('Tour Patient') .o_clinic_measure",
            run: "click",
        },
        {
            content: "Blood pressure",
            trigger: ".modal [data-code=systolic] input",
            run: "edit 145",
        },
        {
            content: "Pulse",
            trigger: ".modal [data-code=pulse] input",
            run: "edit 76 && press Tab",
        },
        {
            content: "The first value is told to be above the norm",
            trigger: ".modal [data-code=systolic] .o_verdict_high",
        },
        {
            content: "Type on at once, as a quick hand does",
            trigger: ".modal [data-code=systolic] input",
            run({anchor}) {
                const next = document.querySelector(
                    ".modal [data-code=diastolic] input"
                );
                anchor.value = "146";
                anchor.dispatchEvent(new Event("change", {bubbles: true}));
                next.focus();
                next.value = "9";
                next.dispatchEvent(new Event("input", {bubbles: true}));
            },
        },
        {
            content: "The first comes back from the server…",
            trigger: ".modal [data-code=systolic] input:value(146)",
        },
        {
            content: "… and back to what it was",
            trigger: ".modal [data-code=systolic] input",
            run({anchor}) {
                anchor.value = "45";
                anchor.dispatchEvent(new Event("change", {bubbles: true}));
            },
        },
        {
            content: "Now it is below the norm, and all is drawn anew",
            trigger:
                ".modal [data-code=systolic] .o_verdict_low, .modal [data-code=systolic] .o_verdict_critical, .modal [data-code=systolic] .o_verdict_wrong",
        },
        {
            content: "The digit typed meanwhile is still there",
            trigger: ".modal [data-code=diastolic] input:value(9)",
            run: "edit 90",
        },
        {
            content: "The right pressure after all",
            trigger: ".modal [data-code=systolic] input",
            run: "edit 145 && press Tab",
        },
        {
            content: "Save",
            trigger: ".modal footer button[name=action_save]",
            run: "click",
        },
        {
            content: "What was measured stands on the card; take the consent",
            trigger:
                ".o_kanban_record:contains('145'):contains('76') button[name=action_sign_consent]",
            run: "click",
        },
        {
            content: "The text is filled in; let the patient sign",
            trigger: ".o_field_widget[name=signature] .o_signature",
            run: "click",
        },
        {
            content: "Nobody signs by a typed name: the hand draws",
            trigger: ".modal canvas",
            run: signOnPad,
        },
        {
            content: "Adopt the signature",
            trigger: ".modal .modal-footer .btn-primary:enabled",
            run: "click",
        },
        {
            content: "Issue the document",
            trigger: "body:not(:has(.modal)) button[name=action_issue]",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is issued and kept as PDF",
            trigger:
                ".o_field_widget[name=pdf] .o_form_uri, .o_field_widget[name=pdf] a",
        },
    ],
});
