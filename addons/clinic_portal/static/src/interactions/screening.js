import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";
import {_t} from "@web/core/l10n/translation";

/**
 * Turns the long form of the screening into one question a screen. Without scripts
 * the form stays one page and works as it is.
 */
export class ScreeningSteps extends Interaction {
    static selector = ".o_clinic_steps";
    dynamicContent = {
        _root: {
            "t-att-class": () => ({
                o_clinic_stepping: true,
                o_clinic_first_step: this.current === 0,
                o_clinic_last_step: this.current === this.steps.length - 1,
            }),
        },
        ".o_clinic_steps_next": {"t-on-click.prevent": this.onNext},
        ".o_clinic_steps_back": {"t-on-click.prevent": this.onBack},
        ".o_clinic_steps_hint": {"t-out": () => this.hint},
    };

    setup() {
        this.steps = [...this.el.querySelectorAll(".o_clinic_step")];
        this.hint = "";
        const wrong = this.steps.findIndex((step) => step.querySelector(".is-invalid"));
        this.current = Math.max(wrong, 0);
    }

    start() {
        this.show();
    }

    onNext() {
        const step = this.steps[this.current];
        for (const field of step.querySelectorAll("input, select, textarea")) {
            if (!field.checkValidity()) {
                field.reportValidity();
                return;
            }
        }
        const boxes = [...step.querySelectorAll("input[type=checkbox]")];
        if (
            step.dataset.required &&
            boxes.length &&
            !boxes.some((box) => box.checked)
        ) {
            this.hint = _t("Choose at least one line.");
            return;
        }
        this.current = Math.min(this.current + 1, this.steps.length - 1);
        this.show(true);
    }

    onBack() {
        this.current = Math.max(this.current - 1, 0);
        this.show(true);
    }

    show(moved = false) {
        this.hint = "";
        this.steps.forEach((step, index) => {
            step.classList.toggle("o_clinic_step_active", index === this.current);
        });
        this.el.querySelectorAll(".o_clinic_steps_bar span").forEach((mark, index) => {
            mark.classList.toggle("o_clinic_done", index <= this.current);
        });
        if (moved) {
            const legend = this.steps[this.current].querySelector("legend");
            legend?.setAttribute("tabindex", "-1");
            legend?.focus({preventScroll: true});
            this.el.scrollIntoView({block: "start"});
        }
    }
}

registry.category("public.interactions").add("clinic_portal.screening", ScreeningSteps);
