import {Component, onWillUpdateProps, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {useAutofocus, useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";

/** Patients by phone or name, and the waiting list: drag one onto a free time. */
export class BoardPanel extends Component {
    static template = "clinic_schedule.BoardPanel";
    static props = {
        branchId: Number,
        day: String,
        version: Number,
        picked: {optional: true},
        onGrab: Function,
        onPick: Function,
        onClose: Function,
    };

    setup() {
        this.orm = useService("orm");
        useAutofocus({refName: "search"});
        this.state = useState({text: "", patients: [], entries: [], searched: false});
        this.search = useDebounced(this.searchNow.bind(this), 200);
        onWillStart(() => this.loadEntries(this.props));
        onWillUpdateProps((props) => this.loadEntries(props));
    }

    async loadEntries({branchId, day}) {
        this.state.entries = await this.orm.silent.call(
            "clinic.board",
            "get_waitlist",
            [branchId, day]
        );
    }

    async searchNow() {
        const text = this.state.text;
        const found = await this.orm.silent.call("clinic.board", "search_patients", [
            text,
        ]);
        if (text === this.state.text) {
            this.state.patients = found;
            this.state.searched = text.trim().length > 1;
        }
    }

    onInput(ev) {
        this.state.text = ev.target.value;
        this.search();
    }

    isPicked(type, id) {
        return this.props.picked?.type === type && this.props.picked.id === id;
    }

    about(patient) {
        const age = patient.age === false ? "" : _t("age %s", patient.age);
        return [patient.phone, age].filter(Boolean).join(" · ");
    }

    asPatient(patient) {
        return {type: "patient", id: patient.id, label: patient.name};
    }

    asEntry(entry) {
        return {
            type: "entry",
            id: entry.id,
            label: entry.patient,
            minutes: entry.minutes,
        };
    }
}
