import {Component, onWillUnmount, useEffect, xml} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const PERIOD = 1000;

/**
 * Shows nothing; loads the record anew each second while its work is going on.
 */
export class ReloadWhileRunning extends Component {
    static template = xml`<span class="o_clinic_reload"/>`;
    static props = {...standardWidgetProps};

    setup() {
        this.timer = null;
        useEffect(
            (running) => {
                if (running) {
                    this.timer = setInterval(() => this.reload(), PERIOD);
                }
                return () => clearInterval(this.timer);
            },
            () => [this.props.record.data.state === "running"]
        );
        onWillUnmount(() => clearInterval(this.timer));
    }

    async reload() {
        if (!this.props.record.dirty) {
            await this.props.record.load();
        }
    }
}

registry.category("view_widgets").add("clinic_reload_while_running", {
    component: ReloadWhileRunning,
    fieldDependencies: [{name: "state", type: "selection"}],
});
