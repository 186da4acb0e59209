import {Component, useRef, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {registry} from "@web/core/registry";
import {useAutofocus, useService} from "@web/core/utils/hooks";

/**
 * The cash desk asks for a barcode: of an act, a visit slip or an invoice.
 *
 * A scanner types the code and presses Enter. What the server answers is run: the
 * payment screen, or a message. A code that is not found stays to be corrected.
 */
export class ClinicScanDialog extends Component {
    static template = "clinic_finance.ScanDialog";
    static components = {Dialog};
    static props = {close: Function, onAction: Function};

    setup() {
        this.orm = useService("orm");
        this.state = useState({error: "", busy: false});
        this.input = useRef("autofocus");
        useAutofocus();
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            ev.stopPropagation();
            this.scan();
        }
    }

    async scan() {
        const code = this.input.el.value.trim();
        if (!code || this.state.busy) {
            return;
        }
        this.state.busy = true;
        this.state.error = "";
        try {
            const action = await this.orm.call("clinic.appointment", "action_scan", [
                code,
            ]);
            this.props.close();
            await this.props.onAction(action);
        } catch (error) {
            if (!error.data?.message) {
                throw error;
            }
            this.state.error = error.data.message;
            this.input.el.select();
        } finally {
            this.state.busy = false;
        }
    }
}

export function openScan(env) {
    env.services.dialog.add(ClinicScanDialog, {
        onAction: (action) => env.services.action.doAction(action),
    });
}

registry.category("actions").add("clinic_finance.scan", openScan);
