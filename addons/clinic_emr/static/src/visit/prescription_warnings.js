import {Component, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/**
 * What speaks against the medicines of the list above, in full and at once: also for
 * the line that is being typed.
 */
export class PrescriptionWarnings extends Component {
    static template = "clinic_emr.PrescriptionWarnings";
    static props = {...standardWidgetProps};

    setup() {
        this.state = useState({lines: []});
        useRecordObserver((record) => {
            this.state.lines = record.data.medication_request_ids.records
                .map(({id, data}) => ({
                    id,
                    name: data.medication_id && data.medication_id.display_name,
                    words: data.warning,
                }))
                .filter((line) => line.words);
        });
    }
}

registry.category("view_widgets").add("clinic_prescription_warnings", {
    component: PrescriptionWarnings,
});
