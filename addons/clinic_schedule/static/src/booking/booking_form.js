import {Component, onMounted, useEffect, useExternalListener} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {getActiveHotkey} from "@web/core/hotkeys/hotkey_service";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {formView} from "@web/views/form/form_view";

import {showChangeToast} from "../desk/change_toast";

/**
 * The booking dialog: books without losing what was typed when the time is gone, says
 * what was done with “Undo”, and hands a name typed in vain over to the new card.
 */
export class BookingFormController extends formView.Controller {
    setup() {
        super.setup();
        this.action = useService("action");
        this.typed = "";
        useExternalListener(
            document,
            "input",
            (ev) => {
                if (ev.target.closest?.(".o_clinic_booking div[name=patient_id]")) {
                    this.typed = ev.target.value;
                }
            },
            {capture: true}
        );
        onMounted(() => {
            this.focusField(
                this.model.root.data.patient_id ? "service_id" : "patient_id"
            );
        });
        onMounted(() => this.receiveHere());
        // The mouse finds the button, the keyboard has Alt+N: Tab goes on to the next
        // field.
        useEffect(() => {
            document
                .querySelectorAll(".o_clinic_booking button[name=action_new_patient]")
                .forEach((button) => button.setAttribute("tabindex", "-1"));
        });
        // Whoever found the patient goes on with the service, past what is seldom filled
        // in between; at once, for the next word is typed before the server answers.
        useExternalListener(document, "keydown", (ev) => this.onPatientEnter(ev), {
            capture: true,
        });
        // Not by useHotkey: the dialog registers its own Control+Enter later and so
        // before it; that one presses the first button there is, before a time is
        // chosen “Put on the Waiting List”.
        useExternalListener(window, "keydown", (ev) => this.onControlEnter(ev), {
            capture: true,
        });
    }

    /** Who came without a booking is at this desk: look in the branch of its board. */
    receiveHere() {
        const {root} = this.model;
        const here = JSON.parse(localStorage.getItem("clinic_board.branch") || "false");
        return here && root.data.walk_in && !root.data.branch_id
            ? root.update({branch_id: {id: here}})
            : undefined;
    }

    focusField(name) {
        document.querySelector(`.o_clinic_booking div[name=${name}] input`)?.focus();
    }

    onPatientEnter(ev) {
        const found = ev.target.closest?.(".o_clinic_booking div[name=patient_id]");
        const taken = document.querySelector(
            ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) .ui-state-active"
        );
        if (found && taken && ev.key === "Enter" && !this.model.root.data.service_id) {
            setTimeout(() => this.focusField("service_id"));
        }
    }

    onControlEnter(ev) {
        // In a dialog above this one the key means what it means everywhere.
        const form = document.querySelector(".o_clinic_booking");
        if (
            getActiveHotkey(ev) !== "control+enter" ||
            this.ui.isBlocked ||
            !form ||
            !this.ui.activeElement.contains(form)
        ) {
            return;
        }
        ev.preventDefault();
        ev.stopImmediatePropagation();
        this.goOn();
    }

    /** Go from wherever one is to the windows, and from them to the button. */
    goOn() {
        const dialog = document.querySelector(".modal-content:has(.o_clinic_booking)");
        const target = this.model.root.data.chosen
            ? dialog?.querySelector("footer .btn-primary")
            : dialog?.querySelector(".o_clinic_choice[tabindex='0']");
        target?.focus();
        target?.scrollIntoView({block: "nearest"});
    }

    async beforeExecuteActionButton(clickParams) {
        if (clickParams.name === "action_book") {
            await this.book();
            return false;
        }
        if (clickParams.name === "action_new_patient") {
            await this.startNewPatient();
            return false;
        }
        return super.beforeExecuteActionButton(clickParams);
    }

    /** What was typed as the patient becomes the name or the phone of the new card. */
    async startNewPatient() {
        const {root} = this.model;
        const changes = {is_new_patient: true, patient_id: false};
        const typed = this.typed.trim();
        if (/\d{3}/.test(typed)) {
            changes.new_phone = typed;
        } else if (typed) {
            changes.new_name = typed;
        }
        await root.update(changes);
        requestAnimationFrame(() => {
            const next = changes.new_name ? "new_phone" : "new_name";
            this.focusField(next);
        });
    }

    async book() {
        const {root} = this.model;
        if ((await root.save({reload: false})) === false) {
            return;
        }
        const result = await this.orm.call(
            "clinic.booking.wizard",
            "book_in_dialog",
            [[root.resId]],
            {context: root.context}
        );
        if (result.refused) {
            await root.load();
            return;
        }
        const {clinic_board: fromBoard} = root.context;
        const another = root.data.book_another;
        await this.action.doAction({
            type: "ir.actions.act_window_close",
            infos: {
                visit_id: result.visit_id,
                change_ids: result.change_ids,
                message: result.message,
            },
        });
        if (!fromBoard) {
            showChangeToast(this.env, result);
        }
        if (another) {
            await this.action.doAction("clinic_schedule.action_clinic_booking_wizard", {
                additionalContext: {default_book_another: true},
            });
        }
    }
}

registry.category("views").add("clinic_booking_form", {
    ...formView,
    Controller: BookingFormController,
});

/** What the desk should know of the patient at a glance. */
export class PatientBriefField extends Component {
    static template = "clinic_schedule.PatientBriefField";
    static props = {...standardFieldProps};

    get brief() {
        return this.props.record.data[this.props.name] || {};
    }
}

registry.category("fields").add("clinic_patient_brief", {
    component: PatientBriefField,
    displayName: _t("Patient at a glance"),
    supportedTypes: ["json"],
    isEmpty: () => false,
});

/** Patients who may be the one being registered, each with “Use this one”. */
export class PatientTwinsField extends Component {
    static template = "clinic_schedule.PatientTwinsField";
    static props = {...standardFieldProps};

    get twins() {
        return this.props.record.data[this.props.name] || [];
    }

    onUse(twin) {
        return this.props.record.update({
            patient_id: {id: twin.id, display_name: twin.name},
            is_new_patient: false,
        });
    }
}

registry.category("fields").add("clinic_patient_twins", {
    component: PatientTwinsField,
    displayName: _t("Possible duplicates"),
    supportedTypes: ["json"],
    isEmpty: () => false,
});
