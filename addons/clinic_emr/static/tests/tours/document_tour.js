import {registry} from "@web/core/registry";
import {signOnPad} from "./sign_on_pad";

registry.category("web_tour.tours").add("clinic_emr_document", {
    steps: () => [
        {
            content: "A new document of the visit",
            trigger: "button[name=action_new_document]",
            run: "click",
        },
        {
            content: "Choose the template",
            trigger: ".o_field_widget[name=template_id] input",
            run: "edit Tour consent",
        },
        {
            content: "It is found by its name",
            trigger: ".o-autocomplete--dropdown-item:contains('Tour consent')",
            run: "click",
        },
        {
            content: "The text is filled with the patient's data; it may be edited",
            trigger:
                ".o_field_widget[name=body] .odoo-editor-editable:contains('Tour Patient')",
        },
        {
            content: "The patient signs on the screen",
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
            content: "Issue the document, which saves it",
            trigger: "body:not(:has(.modal)) button[name=action_issue]",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It has its number and is kept as PDF",
            trigger: ".o_field_widget[name=name]:contains('D0')",
        },
        {
            content: "The text is frozen",
            trigger: ".o_field_widget[name=body].o_readonly_modifier",
        },
    ],
});
