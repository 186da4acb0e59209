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
