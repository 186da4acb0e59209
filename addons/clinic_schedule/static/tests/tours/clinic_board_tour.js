import {registry} from "@web/core/registry";

/** Return the helper of the tour: a drag of a card by so many minutes down. */
function dragBy(minutes) {
    return async ({anchor}) => {
        const rect = anchor.getBoundingClientRect();
        const column = anchor.closest(".o_cb_body");
        const hour = parseFloat(getComputedStyle(column).getPropertyValue("--cb-hour"));
        const fire = (target, type, dy) =>
            target.dispatchEvent(
                new PointerEvent(type, {
                    bubbles: true,
                    cancelable: true,
                    button: 0,
                    pointerType: "mouse",
                    clientX: rect.left + rect.width / 2,
                    clientY: rect.top + 5 + dy,
                })
            );
        const dy = (minutes / 60) * hour;
        fire(anchor, "pointerdown", 0);
        fire(window, "pointermove", dy / 2);
        fire(window, "pointermove", dy);
        fire(document.body, "pointerup", dy);
    };
}

const CARD = ".o_cb_card:contains('Board')";

/**
 * A visit is dragged, refused, put where it fits, and all is taken back.
 *
 * It has no address of its own: the test starts it on its branch and day, and a tour is
 * sent to its address if that is another one.
 */
registry.category("web_tour.tours").add("clinic_board_tour", {
    steps: () => [
        {content: "The board is there", trigger: ".o_clinic_board .o_cb_scroll"},
        {
            content: "Look at the visit",
            trigger: CARD,
            run: "click",
        },
        {
            content: "The phone is in the card",
            trigger: ".o_cb_visit .o_cb_phone_link:contains('912 200-77-02')",
        },
        {
            content: "Confirmed by the patient",
            trigger: ".o_cb_visit button[name=action_confirm]",
            run: "click",
        },
        {trigger: ".o_cb_card.o_cb_is_confirmed:contains('Board')"},
        {
            content: "Drag it down by an hour, where it is free",
            trigger: `${CARD}:contains('10:00')`,
            run: dragBy(60),
        },
        {trigger: `${CARD}:contains('11:00')`},
        {
            content: "Take it back",
            trigger: ".o_cb_told:contains('11:00') .o_notification_buttons button",
            run: "click",
        },
        {
            content: "Drag it onto another visit",
            trigger: `${CARD}:contains('10:00')`,
            run: dragBy(120),
        },
        {
            content: "It is refused, and what is free is offered",
            trigger: ".modal .o_cb_alternative:contains('12:30')",
            run: "click",
        },
        {trigger: "body:not(:has(.modal))"},
        {trigger: `${CARD}:contains('12:30')`},
        {
            content: "Book once more for the same patient",
            trigger: `${CARD}:contains('12:30')`,
            run: "click",
        },
        {
            trigger: ".o_cb_visit button:has(.fa-repeat)",
            run: "click",
        },
        {
            content: "The dialog looks in the branch of the board",
            trigger: ".modal .o_clinic_slots_best .o_clinic_choice",
            run: "click",
        },
        {
            trigger: ".modal footer button[name=action_book]",
            run: "click",
        },
        {
            content: "It says who was booked, and when; take it back",
            trigger:
                ".o_cb_told:contains('Board'):contains(':') .o_notification_buttons button",
            run: "click",
        },
        {trigger: ".o_cb_told:not(:contains('Board'))"},
    ],
});
