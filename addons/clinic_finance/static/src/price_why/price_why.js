import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {usePopover} from "@web/core/popover/popover_hook";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** The steps a price was made of, one line each, the lowest first. */
export class PriceWhyPopover extends Component {
    static template = "clinic_finance.PriceWhyPopover";
    static props = {
        groups: Array,
        close: {type: Function, optional: true},
    };

    iconOf(step) {
        if (step.skipped) {
            return "fa-times text-muted";
        }
        return (
            {
                payer: "fa-building-o",
                percent: "fa-user-md",
                profile: "fa-handshake-o",
                programme: "fa-id-card-o",
            }[step.source] || "fa-tag"
        );
    }
}

/** A word beside a price; a click tells why the price is what it is. */
export class PriceWhyField extends Component {
    static template = "clinic_finance.PriceWhyField";
    static props = {...standardFieldProps};

    setup() {
        this.popover = usePopover(PriceWhyPopover, {
            position: "bottom-start",
            popoverClass: "o_clinic_price_why_popover",
        });
    }

    get groups() {
        return this.props.record.data[this.props.name]?.groups || [];
    }

    get title() {
        return _t("What this price is made of");
    }

    open(ev) {
        this.popover.open(ev.currentTarget, {groups: this.groups});
    }
}

export const priceWhyField = {
    component: PriceWhyField,
    displayName: _t("Why this price"),
    supportedTypes: ["json"],
};

registry.category("fields").add("clinic_price_why", priceWhyField);
