import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {formatCurrency} from "@web/core/currency";
import {makeKey, parseSum} from "./cash_math";
import {useAutofocus, useService} from "@web/core/utils/hooks";

/** Change that is brought into the drawer, cash that is taken to the bank. */
export class CashMove extends Component {
    static template = "clinic_iot.CashMove";
    static components = {Dialog};
    static props = {
        deskId: Number,
        currencyId: Number,
        inDrawer: Number,
        onMoved: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({
            kind: "out",
            amount: "",
            note: "",
            error: "",
            busy: false,
        });
        // Sent twice, it is booked once.
        this.key = makeKey();
        useAutofocus({refName: "amount"});
    }

    get kopecks() {
        return parseSum(this.state.amount);
    }

    get isNonsense() {
        return Number.isNaN(this.kopecks);
    }

    get left() {
        const sign = this.state.kind === "in" ? 1 : -1;
        return this.props.inDrawer + (sign * (this.kopecks || 0)) / 100;
    }

    get canMove() {
        return this.kopecks > 0 && this.left >= 0 && !this.state.busy;
    }

    money(amount) {
        return formatCurrency(amount, this.props.currencyId);
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && this.canMove) {
            ev.preventDefault();
            this.confirm();
        }
    }

    async confirm() {
        this.state.busy = true;
        this.state.error = "";
        try {
            const desk = await this.orm.call("clinic.cash.screen", "cash_move", [
                {
                    key: this.key,
                    desk_id: this.props.deskId,
                    kind: this.state.kind,
                    amount: this.kopecks / 100,
                    note: this.state.note,
                },
            ]);
            this.props.close();
            this.props.onMoved(desk);
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
