import {Component, onWillStart, useState} from "@odoo/owl";
import {Layout} from "@web/search/layout";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";

/** How many of those who open the screening come to a booked visit, step by step. */
export class ScreeningFunnel extends Component {
    static template = "clinic_schedule.ScreeningFunnel";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.display = {controlPanel: {}};
        this.state = useState({
            dateFrom: false,
            dateTo: false,
            channel: "",
            data: null,
        });
        onWillStart(() => this.load());
    }

    async load() {
        const {dateFrom, dateTo, channel} = this.state;
        const data = await this.orm.call("clinic.screening.step", "get_funnel", [
            dateFrom,
            dateTo,
            channel || false,
        ]);
        Object.assign(this.state, {
            data,
            dateFrom: data.date_from,
            dateTo: data.date_to,
        });
    }

    onField(name, ev) {
        this.state[name] = ev.target.value;
        return this.load();
    }
}

registry.category("actions").add("clinic_screening_funnel", ScreeningFunnel);
