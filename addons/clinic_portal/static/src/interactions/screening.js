import {Interaction} from "@web/public/interaction";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {rpc} from "@web/core/network/rpc";

/**
 * Turns the long form of the screening into one question a screen, and leaves out what
 * is not asked of this person. Without scripts the form stays one page and works as it
 * is: the server drops the answers to questions that are not asked.
 */
export class ScreeningSteps extends Interaction {
    static selector = ".o_clinic_steps";
    dynamicContent = {
        _root: {
            "t-att-class": () => ({
                o_clinic_stepping: true,
                o_clinic_first_step: !this.neighbour(-1),
                o_clinic_last_step: !this.neighbour(1),
            }),
            "t-on-change": this.show,
            "t-on-submit": this.onSubmit,
        },
        ".o_clinic_steps_next": {"t-on-click.prevent": this.onNext},
        ".o_clinic_steps_back": {"t-on-click.prevent": this.onBack},
        ".o_clinic_steps_hint": {"t-out": () => this.hint},
    };

    setup() {
        this.steps = [...this.el.querySelectorAll(".o_clinic_step")];
        this.hint = "";
        this.current =
            this.steps.find((step) => step.querySelector(".is-invalid")) ||
            this.steps[0];
    }

    start() {
        this.show();
    }

    /** Whole years of the birth date in the form, or nothing. */
    get age() {
        const born = this.el.querySelector("[name=birthdate]")?.valueAsDate;
        if (!born) {
            return undefined;
        }
        const now = new Date();
        const years = now.getFullYear() - born.getUTCFullYear();
        const before =
            now.getMonth() < born.getUTCMonth() ||
            (now.getMonth() === born.getUTCMonth() &&
                now.getDate() < born.getUTCDate());
        return before ? years - 1 : years;
    }

    /**
     * The steps this person is asked, in order. The same rules as on the server
     * (tools/questionnaire.py), which has the last word.
     */
    get asked() {
        const given = new Set();
        const gender = this.el.querySelector("[name=gender]:checked")?.value;
        const age = this.age;
        return this.steps.filter((step) => {
            const {ageMin, ageMax, gender: only, needs} = step.dataset;
            if (age !== undefined && (age < (ageMin || 0) || age > (ageMax || 999))) {
                return false;
            }
            if (only && gender && only !== gender) {
                return false;
            }
            if (needs && !needs.split(",").some((id) => given.has(id))) {
                return false;
            }
            for (const box of step.querySelectorAll("input:checked")) {
                if (step.dataset.question) {
                    given.add(box.value);
                }
            }
            return true;
        });
    }

    neighbour(distance) {
        const asked = this.asked;
        return asked[asked.indexOf(this.current) + distance];
    }

    isComplete(step) {
        for (const field of step.querySelectorAll("input, select, textarea")) {
            if (!field.checkValidity()) {
                field.reportValidity();
                return false;
            }
        }
        const boxes = [
            ...step.querySelectorAll("input[type=checkbox], input[type=radio]"),
        ];
        if (
            step.dataset.required &&
            boxes.length &&
            !boxes.some((box) => box.checked)
        ) {
            this.hint = _t("Choose at least one line.");
            return false;
        }
        return true;
    }

    onNext() {
        const next = this.neighbour(1);
        if (this.current.querySelector("input[data-red-flag]:checked")) {
            // What cannot wait does not wait for the other questions either: the
            // server says what to do now.
            this.countAnswer();
            this.el.submit();
        } else if (this.isComplete(this.current) && next) {
            this.countAnswer();
            this.current = next;
            this.show(true);
        }
    }

    onBack() {
        this.current = this.neighbour(-1) || this.current;
        this.show(true);
    }

    onSubmit(ev) {
        if (this.neighbour(1)) {
            // Enter in a field: the way on, not the end
            ev.preventDefault();
            this.onNext();
        } else if (this.isComplete(this.current)) {
            this.countAnswer();
        } else {
            ev.preventDefault();
        }
    }

    countAnswer() {
        const questionId = parseInt(this.current.dataset.question);
        if (questionId) {
            rpc("/clinic/screening/step", {question_id: questionId}, {silent: true})
                // A missing count must not stand in the way of a patient.
                .catch(() => {});
        }
    }

    show(moved = false) {
        if (moved === true) {
            this.hint = "";
        }
        const asked = this.asked;
        for (const step of this.steps) {
            step.classList.toggle("o_clinic_step_active", step === this.current);
        }
        const at = asked.indexOf(this.current);
        this.el.querySelectorAll(".o_clinic_steps_bar span").forEach((mark, index) => {
            mark.classList.toggle("d-none", index >= asked.length);
            mark.classList.toggle("o_clinic_done", index <= at);
        });
        if (moved === true) {
            const legend = this.current.querySelector("legend");
            legend?.setAttribute("tabindex", "-1");
            legend?.focus({preventScroll: true});
            this.el.scrollIntoView({block: "start"});
        }
    }
}

registry.category("public.interactions").add("clinic_portal.screening", ScreeningSteps);
