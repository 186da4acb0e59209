import {registry} from "@web/core/registry";

const charge = ".o_form_view div[name=charge_ids] tr.o_data_row:contains(Tour extra)";

/**
 * The reception adds a service to a visit and drops it again, saying why.
 *
 * No step looks for translated words: it passes in any language of the database.
 */
registry.category("web_tour.tours").add("clinic_charge_tour", {
    steps: () => [
        {
            content: "Add a service to the visit",
            trigger: ".o_form_view button[name=action_add_charge]",
            run: "click",
        },
        {
            trigger: ".modal div[name=product_id] input",
            run: "edit Tour extra",
        },
        {
            trigger: ".modal .ui-menu-item a:contains(Tour extra)",
            run: "click",
        },
        {
            content: "Its price is said before it is added",
            trigger: ".modal div[name=amount]:contains(700)",
        },
        {
            trigger: ".modal footer button[name=action_add]",
            run: "click",
        },
        {
            content: "It stands among the services, and the visit costs more",
            trigger: charge,
        },
        {
            trigger: ".o_form_view div[name=amount_due]:contains(700)",
        },
        {
            content: "Drop it again",
            trigger: `${charge} button[name=action_drop]`,
            run: "click",
        },
        {
            trigger: ".modal div[name=reason] input",
            run: "edit Not needed",
        },
        {
            trigger: ".modal footer button[name=action_drop]",
            run: "click",
        },
        {
            content: "It stays in sight, but it is to be paid no more",
            trigger: `${charge}.text-muted:contains(Not needed)`,
        },
        {
            trigger: `${charge}:not(:has(button[name=action_drop]))`,
        },
    ],
});
