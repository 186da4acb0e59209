import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/**
 * Shows the free windows of a wizard by day and specialist; a click chooses one.
 *
 * The windows come as JSON from `clinic.slot.picker.mixin`; the key of the chosen one
 * goes to the field `chosen` of the same record.
 */
export class SlotPickerField extends Component {
    static template = "clinic_schedule.SlotPickerField";
    static props = {...standardFieldProps};

    get offers() {
        return this.props.record.data[this.props.name] || {days: [], best: []};
    }

    get chosen() {
        return this.props.record.data.chosen;
    }

    get hint() {
        return {
            service: _t("Choose a service: its free times appear here."),
            specialty: _t("This specialist does not provide the service."),
            none: _t(
                "Nothing is free in the coming weeks. Try another branch or specialist."
            ),
        }[this.offers.hint];
    }

    onChoose(offer) {
        return this.props.record.update({chosen: offer.key});
    }

    /** Show the days that many days later (or earlier). */
    onShift(days) {
        const date = this.props.record.data.date_from;
        return date && this.props.record.update({date_from: date.plus({days})});
    }
}

export const slotPickerField = {
    component: SlotPickerField,
    displayName: _t("Free windows"),
    supportedTypes: ["json"],
    isEmpty: () => false,
};

registry.category("fields").add("clinic_slot_picker", slotPickerField);
