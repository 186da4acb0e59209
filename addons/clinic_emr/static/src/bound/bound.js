import {registry} from "@web/core/registry";
import {FloatField, floatField} from "@web/views/fields/float/float_field";

/**
 * A bound of a field of a visit template. There is none where it is zero, so nothing is
 * shown; a scale does begin at zero.
 */
export class Bound extends FloatField {
    get formattedValue() {
        const {kind} = this.props.record.data;
        return this.value || kind === "scale" ? super.formattedValue : "";
    }
}

registry.category("fields").add("clinic_bound", {
    ...floatField,
    component: Bound,
    extractProps: (info, dynamicInfo) => ({
        ...floatField.extractProps(info, dynamicInfo),
        trailingZeros: false,
    }),
});
