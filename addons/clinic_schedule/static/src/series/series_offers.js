import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/**
 * In a list of dates: why a date could not be booked, and what is free instead. A click
 * books that window and settles the date.
 */
export class SeriesOffersField extends Component {
    static template = "clinic_schedule.SeriesOffersField";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({busy: false});
    }

    get offer() {
        return this.props.record.data[this.props.name];
    }

    /** The wanted time itself comes first, where it has become free. */
    get choices() {
        const wanted = {key: this.offer.key, words: _t("As wanted"), wanted: true};
        return this.offer.ok ? [wanted, ...this.offer.choices] : this.offer.choices;
    }

    async onTake(key) {
        const {record} = this.props;
        this.state.busy = true;
        try {
            await this.orm.call(record.resModel, "action_take", [[record.resId], key]);
        } finally {
            this.state.busy = false;
            // Another date may have lost its window to this one, or the click was late.
            await record.model.root.load();
        }
    }
}

export const seriesOffersField = {
    component: SeriesOffersField,
    displayName: _t("Free instead, to click on"),
    supportedTypes: ["json"],
    isEmpty: () => false,
};

registry.category("fields").add("clinic_series_offers", seriesOffersField);
