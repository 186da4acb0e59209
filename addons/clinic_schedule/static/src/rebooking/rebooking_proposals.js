import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** What can be offered to the patient of a visit to move; a click takes it. */
export class RebookingProposals extends Component {
    static template = "clinic_schedule.RebookingProposals";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.state = useState({busy: false});
    }

    get proposals() {
        return this.props.record.data[this.props.name] || [];
    }

    get isOpen() {
        return this.props.record.data.state === "open";
    }

    get doneWords() {
        return [this.props.record.data.new_time].filter(Boolean).join(" ");
    }

    titleOf(proposal) {
        return [proposal.when, proposal.who, proposal.branch].join(", ");
    }

    iconOf(proposal) {
        return {
            colleague: "fa-user-md",
            own: "fa-clock-o",
            other: "fa-exchange",
        }[proposal.kind];
    }

    async onTake(proposal) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await this.orm.call("clinic.rebooking", "action_take", [
                [this.props.record.resId],
                proposal.key,
            ]);
            this.notification.add(_t("Moved: %s", this.titleOf(proposal)), {
                type: "success",
            });
        } finally {
            this.state.busy = false;
            // What is free has changed for the others too.
            await this.props.record.model.root.load();
        }
    }
}

export const rebookingProposals = {
    component: RebookingProposals,
    displayName: _t("Proposals"),
    supportedTypes: ["json"],
    isEmpty: () => false,
    fieldDependencies: [
        {name: "state", type: "selection"},
        {name: "new_time", type: "char"},
    ],
};

registry.category("fields").add("clinic_rebooking_proposals", rebookingProposals);
