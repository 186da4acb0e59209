import {registry} from "@web/core/registry";

/**
 * The cash desk scans the slip of a visit, under the Russian layout, and is paid.
 *
 * No step looks for translated words: it passes in any language of the database.
 */
registry.category("web_tour.tours").add("clinic_scan_tour", {
    steps: () => [
        {
            content: "A code that nobody has is said to be unknown",
            trigger: ".modal input.o_clinic_scan",
            run: "edit 99999999 && press Enter",
        },
        {
            trigger: ".modal .text-danger[role=alert]",
        },
        {
            content: "The scanner types the code under the Russian layout",
            trigger: ".modal input.o_clinic_scan",
            run: "edit М900001 && press Enter",
        },
        {
            content: "The payment of the visit opens",
            trigger: ".modal div[name=amount_due]",
        },
        {
            trigger: ".modal footer button[name=action_pay]",
            run: "click",
        },
        {
            content: "The payment is taken",
            trigger: ".o_notification .bg-success, .o_notification_bar.bg-success",
        },
    ],
});
