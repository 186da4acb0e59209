import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const KINDS = [
    ["visit", _t("Visits")],
    ["vaccination", _t("Vaccinations")],
    ["file", _t("Files")],
];

/** All that happened to the patient, the newest first, in portions. */
export class Timeline extends Component {
    static template = "clinic_emr.Timeline";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.kinds = KINDS;
        this.keepLast = new KeepLast();
        this.state = useState({events: [], cursor: null, kind: null, words: ""});
        onWillStart(() => this.load());
        // the record is read again after something was added to it
        onWillUpdateProps((next) => this.load(next.record.resId));
    }

    async load(resId = this.props.record.resId, cursor = null) {
        if (!resId) {
            return;
        }
        const answer = await this.keepLast.add(
            this.orm.call("clinic.medical.record", "timeline", [[resId]], {
                before: cursor,
                kinds: this.state.kind ? [this.state.kind] : null,
                words: this.state.words || null,
            })
        );
        this.state.events = cursor
            ? [...this.state.events, ...answer.events]
            : answer.events;
        this.state.cursor = answer.cursor;
    }

    onKind(kind) {
        this.state.kind = this.state.kind === kind ? null : kind;
        this.load();
    }

    onWords(ev) {
        this.state.words = ev.target.value.trim();
        this.load();
    }

    onMore() {
        this.load(this.props.record.resId, this.state.cursor);
    }

    open(event) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: event.model,
            res_id: event.id,
            views: [[false, "form"]],
            target: event.kind === "visit" ? "current" : "new",
        });
    }
}

registry.category("view_widgets").add("clinic_timeline", {component: Timeline});
