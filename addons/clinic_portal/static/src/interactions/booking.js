import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/** Shows the windows as soon as a choice is changed; the button is for no scripts. */
export class BookingFilters extends Interaction {
    static selector = ".o_clinic_filters";
    dynamicContent = {
        select: {"t-on-change": this.onChange},
        ".o_clinic_filters_submit": {"t-att-class": () => ({"d-none": true})},
    };

    onChange(ev) {
        if (ev.target.name === "service") {
            // Another service may be done by other people in other places.
            for (const name of ["specialist", "branch"]) {
                const field = this.el.querySelector(`select[name=${name}]`);
                if (field) {
                    field.value = "";
                }
            }
        }
        this.el.requestSubmit();
    }
}

/** Brings the chosen day into view on narrow screens. */
export class BookingDays extends Interaction {
    static selector = ".o_clinic_days";

    start() {
        const chosen = this.el.querySelector("[aria-current]");
        if (chosen) {
            this.el.scrollLeft = chosen.offsetLeft - this.el.offsetLeft - 16;
        }
    }
}

/** Sends a form once, however often the button is pressed. */
export class SendOnce extends Interaction {
    static selector = "form.o_clinic_once";
    dynamicContent = {
        // after what the form itself says: what it refused was not sent
        _document: {"t-on-submit": this.onSubmit},
    };

    onSubmit(ev) {
        if (ev.target !== this.el || ev.defaultPrevented) {
            return;
        }
        if (this.sent) {
            ev.preventDefault();
            return;
        }
        this.sent = true;
        this.el.querySelectorAll("button[type=submit]").forEach((button) => {
            button.classList.add("disabled");
            button.setAttribute("aria-disabled", "true");
        });
        // The page may come back from the browser's memory with the form as it was.
        this.addListener(window, "pageshow", (event) => {
            if (event.persisted) {
                this.sent = false;
                this.el.querySelectorAll("button[type=submit]").forEach((button) => {
                    button.classList.remove("disabled");
                    button.removeAttribute("aria-disabled");
                });
            }
        });
    }
}

registry.category("public.interactions").add("clinic_portal.filters", BookingFilters);
registry.category("public.interactions").add("clinic_portal.days", BookingDays);
registry.category("public.interactions").add("clinic_portal.once", SendOnce);
