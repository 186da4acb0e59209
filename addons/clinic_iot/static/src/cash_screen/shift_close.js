import {countNotes, toKopecks} from "./cash_math";
import {DeskDialog} from "./desk_dialog";
import {onWillStart} from "@odoo/owl";
import {useClinicIot} from "../clinic_iot_service";

/** The count of the drawer: pieces by value, the difference and its reason. */
export class ShiftClose extends DeskDialog {
    static template = "clinic_iot.ShiftClose";
    static props = {...DeskDialog.props, notes: Array, onClosed: Function};

    setup() {
        super.setup();
        // What the register counts is shown beside the books, when it has answered.
        this.question = false;
        useClinicIot({onJob: (message) => this.onJob(message)});
        onWillStart(async () => {
            await this.load();
            this.question = await this.call("shift_ask_register", this.props.deskId);
        });
    }

    async onJob(message) {
        if (this.question && (message.missed || message.id === this.question)) {
            await this.load();
        }
    }

    startValues() {
        return {figures: {}, pieces: {}, reason: ""};
    }

    async load() {
        this.state.figures = await this.call("shift_figures", this.props.deskId);
    }

    get counted() {
        return countNotes(this.state.pieces);
    }

    get difference() {
        return this.counted - toKopecks(this.state.figures.expected);
    }

    label(value) {
        return this.money(value / 100);
    }

    onPieces(value, ev) {
        const pieces = Number.parseInt(ev.target.value, 10);
        this.state.pieces[value] = pieces > 0 ? pieces : 0;
    }

    /** Enter goes to the next value, as on a calculator. */
    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            const inputs = [...ev.target.closest("table").querySelectorAll("input")];
            inputs[inputs.indexOf(ev.target) + 1]?.select();
        }
    }

    confirm() {
        return this.send(
            this.props.onClosed,
            "shift_close",
            this.props.deskId,
            this.state.pieces,
            this.state.reason
        );
    }
}
