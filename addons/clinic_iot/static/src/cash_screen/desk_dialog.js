import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {formatCurrency} from "@web/core/currency";
import {useService} from "@web/core/utils/hooks";

/** A dialog of the cash screen: it sends once, and shows what the server refuses. */
export class DeskDialog extends Component {
    static components = {Dialog};
    static props = {deskId: Number, currencyId: Number, close: Function};

    setup() {
        this.orm = useService("orm");
        this.state = useState({error: "", busy: false, ...this.startValues()});
    }

    /** Return what the state of this dialog begins with. */
    startValues() {
        return {};
    }

    money(amount) {
        return formatCurrency(amount, this.props.currencyId);
    }

    call(method, ...args) {
        return this.orm.call("clinic.cash.screen", method, args);
    }

    /** Call `method`; when it is done, close and hand on what it returned. */
    async send(onDone, method, ...args) {
        this.state.busy = true;
        this.state.error = "";
        try {
            const result = await this.call(method, ...args);
            this.props.close();
            onDone(result);
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
