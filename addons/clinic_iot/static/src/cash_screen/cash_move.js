import {makeKey, parseSum} from "./cash_math";
import {DeskDialog} from "./desk_dialog";
import {useAutofocus} from "@web/core/utils/hooks";

/** Change that is brought into the drawer, cash that is taken to the bank. */
export class CashMove extends DeskDialog {
    static template = "clinic_iot.CashMove";
    static props = {...DeskDialog.props, inDrawer: Number, onMoved: Function};

    setup() {
        super.setup();
        // Sent twice, it is booked once.
        this.key = makeKey();
        useAutofocus({refName: "amount"});
    }

    startValues() {
        return {kind: "out", amount: "", note: ""};
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

    onKeydown(ev) {
        if (ev.key === "Enter" && this.canMove) {
            ev.preventDefault();
            this.confirm();
        }
    }

    confirm() {
        return this.send(this.props.onMoved, "cash_move", {
            key: this.key,
            desk_id: this.props.deskId,
            kind: this.state.kind,
            amount: this.kopecks / 100,
            note: this.state.note,
        });
    }
}
