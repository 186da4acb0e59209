import {Component, onWillStart, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";

const DESK = [
    "clinic_base.group_reception",
    "clinic_base.group_callcenter",
    "clinic_base.group_admin",
];

/** How many visits wait to be moved, on every screen of the desk. */
export class RebookingSystray extends Component {
    static template = "clinic_schedule.RebookingSystray";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.state = useState({count: 0});
        onWillStart(async () => {
            const roles = await Promise.all(DESK.map((group) => user.hasGroup(group)));
            if (roles.some(Boolean)) {
                // Not awaited: the bar must not wait for a counter.
                this.refresh();
                this.bus.subscribe("clinic.rebooking/changed", () => this.refresh());
            }
        });
    }

    async refresh() {
        this.state.count = await this.orm.silent.call(
            "clinic.rebooking",
            "open_count",
            []
        );
    }

    onClick() {
        return this.action.doAction("clinic_schedule.action_clinic_rebooking", {
            clearBreadcrumbs: true,
        });
    }
}

registry
    .category("systray")
    .add(
        "clinic_schedule.RebookingSystray",
        {Component: RebookingSystray},
        {sequence: 30}
    );
