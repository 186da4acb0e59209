import {Component, onWillStart, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {formatCurrency} from "@web/core/currency";
import {useService} from "@web/core/utils/hooks";
import {countNotes, toKopecks} from "./cash_math";

/** The count of the drawer: pieces by value, the difference and its reason. */
export class ShiftClose extends Component {
    static template = "clinic_iot.ShiftClose";
    static components = {Dialog};
    static props = {
        deskId: Number,
        notes: Array,
        currencyId: Number,
        onClosed: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({
            figures: {},
            pieces: {},
            reason: "",
            error: "",
            busy: false,
        });
        onWillStart(async () => {
            this.state.figures = await this.orm.call(
                "clinic.cash.screen",
                "shift_figures",
                [this.props.deskId]
            );
        });
    }

    money(amount) {
        return formatCurrency(amount, this.props.currencyId);
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

    async confirm() {
        this.state.busy = true;
        this.state.error = "";
        try {
            const result = await this.orm.call("clinic.cash.screen", "shift_close", [
                this.props.deskId,
                this.state.pieces,
                this.state.reason,
            ]);
            this.props.close();
            this.props.onClosed(result);
        } catch (error) {
            if (!error.data?.message) {
                throw error;
            }
            this.state.error = error.data.message;
        } finally {
            this.state.busy = false;
        }
    }
}
