import {Component, xml} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {exprToBoolean} from "@web/core/utils/strings";
import {dateTimeField} from "@web/views/fields/datetime/datetime_field";
import {formatDateTime} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const ZONE = "wall_tz";

/** A moment by the clock on the wall of its branch, wherever the browser stands. */
export class WallTime extends Component {
    static template = xml`<span t-out="text" t-att-data-tooltip="tooltip"/>`;
    static props = {...standardFieldProps, showTime: {type: Boolean, optional: true}};

    get moment() {
        const {data} = this.props.record;
        const moment = data[this.props.name];
        return moment && moment.setZone(data[ZONE] || "default");
    }

    get text() {
        return formatDateTime(this.moment, {
            tz: this.moment && this.moment.zoneName,
            showTime: this.props.showTime,
        });
    }

    get tooltip() {
        return (
            this.moment &&
            `${this.moment.toFormat("dd.MM.yyyy HH:mm")} (${this.moment.zoneName})`
        );
    }
}

registry.category("fields").add("clinic_wall_time", {
    component: WallTime,
    supportedTypes: ["datetime"],
    supportedOptions: dateTimeField.supportedOptions.filter(
        (option) => option.name === "show_time"
    ),
    fieldDependencies: [{name: ZONE, type: "char"}],
    listViewWidth: dateTimeField.listViewWidth,
    extractProps: ({options}) => ({
        showTime: exprToBoolean(options.show_time ?? true),
    }),
});
