import {onMounted, onWillStart, useState, useSubEnv} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useBus, useService} from "@web/core/utils/hooks";
import {formView} from "@web/views/form/form_view";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";

import {showChangeToast} from "./change_toast";

// The buttons after which a slip of the mouse is worth taking back.
const WITH_UNDO = ["action_arrive", "action_confirm", "action_noshow"];

/** Receive a patient whose barcode is scanned while this screen is open. */
export function useArrivalScan(onClose) {
    const arrival = useService("clinic_arrival");
    useBus(arrival.bus, "barcode_scanned", (ev) =>
        arrival.open(ev.detail.barcode, onClose)
    );
    return arrival;
}

/** After one of those buttons say what was done, with a way back. */
function useUndoToast(controller) {
    const orm = useService("orm");
    const click = controller.env.onClickViewButton;
    useSubEnv({
        onClickViewButton: async (params) => {
            const {resId, resIds} = params.getResParams();
            await click(params);
            const ids = resIds?.length ? resIds : [resId];
            if (WITH_UNDO.includes(params.clickParams.name) && ids[0]) {
                const toast = await orm.call("clinic.appointment", "last_change", [
                    ids,
                ]);
                showChangeToast(controller.env, toast, {
                    onUndone: () => controller.model.load(),
                });
            }
        },
    });
}

/** A screen of the desk: scanning, what is not closed yet, undo. */
const deskScreen = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            useUndoToast(this);
            const orm = useService("orm");
            this.deskAction = useService("action");
            this.deskState = useState({notClosed: 0, receives: false});
            this.arrival = useArrivalScan(() => this.model.load());
            onWillStart(async () => {
                const status = await orm.call("clinic.appointment", "desk_status", []);
                this.deskState.notClosed = status.not_closed;
                this.deskState.receives = status.receives;
            });
            // The search box would take the focus, and with it what is scanned.
            onMounted(() => document.activeElement?.blur());
        }

        onScanClicked() {
            this.arrival.open(undefined, () => this.model.load());
        }

        onNotClosedClicked() {
            return this.deskAction.doAction(
                "clinic_schedule.action_clinic_appointment_not_closed"
            );
        }
    };

export class DeskListController extends deskScreen(listView.Controller) {}

export class DeskKanbanController extends deskScreen(kanbanView.Controller) {}

export class DeskFormController extends formView.Controller {
    setup() {
        super.setup();
        useUndoToast(this);
    }
}

registry.category("views").add("clinic_desk_list", {
    ...listView,
    Controller: DeskListController,
    buttonTemplate: "clinic_schedule.DeskButtons",
});
registry.category("views").add("clinic_desk_kanban", {
    ...kanbanView,
    Controller: DeskKanbanController,
    buttonTemplate: "clinic_schedule.DeskButtons",
});
registry.category("views").add("clinic_desk_form", {
    ...formView,
    Controller: DeskFormController,
});
