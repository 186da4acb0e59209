import {Component, onMounted, onWillUnmount, useRef, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {Dialog} from "@web/core/dialog/dialog";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

/**
 * Receives patients by a barcode or by typing: number, phone or name.
 *
 * A scanner types like a keyboard and ends with Enter: into the input when it has the
 * focus, through Odoo's barcode service when it does not.
 */
export class ArrivalPanel extends Component {
    static template = "clinic_schedule.ArrivalPanel";
    static props = {code: {type: String, optional: true}, onLeave: {type: Function}};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.arrival = useService("clinic_arrival");
        this.input = useRef("input");
        this.state = useState({code: "", busy: false, answer: null, picked: {}});
        onMounted(() => {
            this.arrival.listen((code) => this.scan(code));
            this.input.el.focus();
            if (this.props.code) {
                this.scan(this.props.code);
            }
        });
        onWillUnmount(() => this.arrival.listen(null));
    }

    get title() {
        return {
            arrived: _t("Arrived"),
            already: _t("Is here already"),
            choose: _t("Several visits today: which one?"),
            none: _t("No visit today"),
            unknown: _t("Nobody is found by this code"),
            many: _t("Several people are found: which one?"),
            refused: _t("Cannot be received yet"),
        }[this.state.answer.status];
    }

    get look() {
        return {
            arrived: "success",
            already: "info",
            choose: "warning",
            none: "warning",
            many: "warning",
        }[this.state.answer.status];
    }

    get icon() {
        return {
            arrived: "fa-check-circle",
            already: "fa-info-circle",
            refused: "fa-hand-paper-o",
            unknown: "fa-question-circle",
        }[this.state.answer.status];
    }

    async ask(method, args) {
        this.state.busy = true;
        try {
            this.state.answer = await this.orm.call("clinic.appointment", method, args);
        } finally {
            this.state.busy = false;
            this.state.code = "";
            this.input.el?.focus();
        }
    }

    scan(code) {
        const read = (code || "").trim();
        return read && !this.state.busy
            ? this.ask("scan_arrival", [read])
            : Promise.resolve();
    }

    receive(ids) {
        return this.ask("receive_scanned", [ids]);
    }

    get expectedIds() {
        return this.state.answer.visits
            .filter((visit) => ["booked", "confirmed"].includes(visit.state))
            .map((visit) => visit.id);
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.scan(this.state.code);
        }
    }

    async onUndo() {
        for (const id of [...this.state.answer.change_ids].reverse()) {
            await this.orm.call("clinic.appointment", "undo", [id]);
        }
        this.state.answer = null;
        this.input.el.focus();
    }

    async onPrint() {
        const ids = this.state.answer.visits.map((visit) => visit.id);
        await this.action.doAction(
            await this.orm.call("clinic.appointment", "action_print_slip", [ids])
        );
    }

    /** Nobody is known by what was typed: a new card with it, and a visit at once. */
    onNewPatient() {
        const typed = this.state.answer.code;
        const digits = (typed.match(/\d/g) || []).length;
        const field = digits > 5 ? "phone" : "name";
        this.props.onLeave();
        return this.action.doAction("clinic_schedule.action_clinic_booking_walk_in", {
            additionalContext: {
                default_is_new_patient: true,
                ...(digits && digits < 6 ? {} : {[`default_new_${field}`]: typed}),
            },
        });
    }

    onBook(xmlid) {
        const patient = this.state.answer.patient;
        this.props.onLeave();
        return this.action.doAction(xmlid, {
            additionalContext: {default_patient_id: patient.id},
        });
    }
}

export class ArrivalDialog extends Component {
    static template = "clinic_schedule.ArrivalDialog";
    static components = {ArrivalPanel, Dialog};
    static props = {code: {type: String, optional: true}, close: Function};
}

export class ArrivalAction extends Component {
    static template = "clinic_schedule.ArrivalAction";
    static components = {ArrivalPanel};
    static props = {...standardActionServiceProps};

    onLeave() {
        return undefined;
    }
}

/** One dialog at a time: a second scan goes to the one that is open. */
export const arrivalService = {
    dependencies: ["dialog", "barcode"],
    start(env, {dialog, barcode}) {
        let listener = null;
        let opening = false;
        const open = (code, onClose) => {
            if (listener) {
                listener(code);
            } else if (!opening) {
                opening = true;
                dialog.add(
                    ArrivalDialog,
                    {code},
                    {
                        onClose: () => {
                            opening = false;
                            onClose?.();
                        },
                    }
                );
            }
        };
        return {
            open,
            bus: barcode.bus,
            /** Tell who takes the codes from now on; nobody: null. */
            listen(callback) {
                listener = callback;
                if (callback) {
                    opening = false;
                }
            },
            get isOpen() {
                return Boolean(listener);
            },
        };
    },
};

registry.category("services").add("clinic_arrival", arrivalService);
registry.category("actions").add("clinic_arrival", ArrivalAction);
