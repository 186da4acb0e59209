import {registry} from "@web/core/registry";

// No step looks for translated words: the tours pass in any language of the database.
const OPEN_DIALOG = {
    content: "Open the booking dialog from the list of today",
    trigger: ".o_control_panel .btn-primary[name]",
    run: "click",
};

/** The state on the form, also where the bar folds it for want of room. */
function inState(state) {
    return `.o_form_view .o_statusbar_status:has(.o_arrow_button_current[data-value=${state}])`;
}

/** A scanner types like a quick keyboard, and ends with Enter. */
function scan(code) {
    for (const key of [...code, "Enter"]) {
        document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
    }
}

/**
 * The morning at the desk: a patient calls, is found by phone, booked without the mouse,
 * and arrives.
 */
registry.category("web_tour.tours").add("clinic_reception_tour", {
    url: "/odoo/clinic-today",
    steps: () => [
        OPEN_DIALOG,
        {
            content: "Find the patient by phone, spelt as people say it",
            trigger: ".modal div[name=patient_id] input:focus",
            run: "edit 8 (912) 200-77-01",
        },
        {
            trigger: ".modal .ui-menu-item a:contains(Tour Patient)",
        },
        {
            trigger: ".modal div[name=patient_id] input",
            run: "press Enter",
        },
        {
            content: "What the desk should know of the patient is shown",
            trigger: ".modal .o_clinic_brief:contains(+7 912 200-77-01)",
        },
        {
            content: "The keyboard is on the service by itself",
            trigger: ".modal div[name=service_id] input:focus",
            run: "edit Tour visit",
        },
        {
            trigger: ".modal .ui-menu-item a:contains(Tour visit)",
        },
        {
            trigger: ".modal div[name=service_id] input",
            run: "press Enter",
        },
        {
            content: "The price is told",
            trigger: ".modal div[name=price_words]:contains(2)",
        },
        {
            content: "Go to the windows",
            trigger: ".modal .o_clinic_choice[tabindex='0']",
        },
        {
            trigger: ".modal div[name=service_id] input",
            run: "press Control+Enter",
        },
        {
            content: "Choose the one the keyboard is on",
            trigger: ".modal .o_clinic_choice:focus",
            run: "press Enter",
        },
        {
            content: "The choice is repeated in words",
            trigger: ".modal div[name=chosen_words]:contains(Tour Doctor)",
        },
        {
            content: "The keyboard is on the button that books",
            trigger: ".modal footer button[name=action_book]:focus",
            run: "press Enter",
        },
        {
            content: "It says what was done; open the visit",
            trigger: ".o_clinic_toast .o_notification_buttons button:last",
            run: "click",
        },
        {
            trigger: inState("booked"),
        },
        {
            content: "The patient arrives",
            trigger: ".o_form_view button[name=action_arrive]",
            run: "click",
        },
        {
            trigger: inState("arrived"),
        },
        {
            content: "It was somebody else: take it back",
            trigger: ".o_clinic_toast .o_notification_buttons button:first",
            run: "click",
        },
        {
            trigger: inState("booked"),
        },
    ],
});

/** A patient scans the card at the desk, twice, for the scanner did not beep. */
registry.category("web_tour.tours").add("clinic_arrival_tour", {
    url: "/odoo/clinic-today",
    steps: () => [
        {
            content: "Scan while the list is open",
            trigger: ".o_list_view .o_data_row:contains(Tour Patient)",
            run() {
                scan("TOUR0001");
            },
        },
        {
            content: "Big and green, with the room",
            trigger: ".o_clinic_arrival_answer[data-status=arrived]:contains(Room 1)",
        },
        {
            content: "Scanned again, into the input now",
            trigger: ".o_clinic_arrival input",
            run: "edit TOUR0001 && press Enter",
        },
        {
            trigger: ".o_clinic_arrival_answer[data-status=already]",
        },
        {
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});

/** Somebody comes without a booking and is received by whoever is free. */
registry.category("web_tour.tours").add("clinic_walk_in_tour", {
    url: "/odoo/clinic-today",
    steps: () => [
        {
            content: "Type the number of the patient's card",
            trigger: ".o_clinic_scan",
            run: "click",
        },
        {
            trigger: ".o_clinic_arrival input",
            run: "edit 8 912 200-77-01 && press Enter",
        },
        {
            content: "There is no visit today: receive at once",
            trigger: ".o_clinic_arrival_answer[data-status=none] .btn-primary",
            run: "click",
        },
        {
            trigger: ".modal div[name=service_id] input",
            run: "edit Tour visit",
        },
        {
            trigger: ".modal .ui-menu-item a:contains(Tour visit)",
            run: "click",
        },
        {
            content: "Who is free now",
            trigger:
                ".modal .o_clinic_slots_best .o_clinic_choice:contains(Tour Doctor)",
            run: "click",
        },
        {
            trigger: ".modal footer button[name=action_book]",
            run: "click",
        },
        {
            content: "Open the visit",
            trigger: ".o_clinic_toast .o_notification_buttons button:last",
            run: "click",
        },
        {
            trigger: inState("arrived"),
        },
    ],
});

/** The call centre: a new patient, a time in the evening taken away meanwhile. */
registry.category("web_tour.tours").add("clinic_callcenter_tour", {
    url: "/odoo/clinic-today",
    steps: () => [
        OPEN_DIALOG,
        {
            content: "Nobody is found by this name",
            trigger: ".modal div[name=patient_id] input",
            run: "edit Newcomer Tour",
        },
        {
            content: "What was typed goes over to the new card",
            trigger: ".modal button[name=action_new_patient]",
            run: "click",
        },
        {
            trigger: ".modal div[name=new_name] input:value(Newcomer Tour)",
        },
        {
            content: "The phone is known",
            trigger: ".modal div[name=new_phone] input",
            run: "edit 8 912 200-77-01 && press Tab",
        },
        {
            content: "Take the card there is",
            trigger: ".modal .o_clinic_twins button",
            run: "click",
        },
        {
            trigger: ".modal .o_clinic_brief:contains(+7 912 200-77-01)",
        },
        {
            trigger: ".modal div[name=service_id] input",
            run: "edit Tour visit",
        },
        {
            trigger: ".modal .ui-menu-item a:contains(Tour visit)",
            run: "click",
        },
        {
            trigger: ".modal .o_clinic_slots_day .o_clinic_slot:last",
            run: "click",
        },
        {
            trigger: ".modal footer button[name=action_book]",
            run: "click",
        },
        {
            content: "A mistake: undo",
            trigger: ".o_clinic_toast .o_notification_buttons button:first",
            run: "click",
        },
        {
            content: "The list of today shows it as cancelled",
            trigger:
                ".o_list_view .o_data_row:contains(Tour Patient) .text-bg-secondary, .o_list_view .o_data_row:contains(Tour Patient).text-muted",
        },
    ],
});

// Who comes and what for is read whole, however many buttons a row has.
registry.category("web_tour.tours").add("clinic_today_widths_tour", {
    url: "/odoo/clinic-today",
    steps: () => [
        {
            trigger: ".o_data_row td.o_list_button button[name=action_start]",
            run() {
                for (const name of ["patient_id", "contact_phone", "service_id"]) {
                    for (const cell of document.querySelectorAll(`td[name=${name}]`)) {
                        if (cell.scrollWidth > cell.clientWidth) {
                            throw new Error(`Cut: ${cell.innerText}`);
                        }
                    }
                }
            },
        },
    ],
});
