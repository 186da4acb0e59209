import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const SKIP = "skip";

/**
 * Shows each date of regular visits with what is to be said of it, before anything is
 * written: green is free, amber meets something and has other windows as buttons.
 *
 * The rows come as JSON of the field; what is chosen for single dates goes to the field
 * `choices` of the same record: the key of a window, or "skip".
 */
export class SeriesPreviewField extends Component {
    static template = "clinic_schedule.SeriesPreviewField";
    static props = {...standardFieldProps, mode: {type: String, optional: true}};

    get preview() {
        return this.props.record.data[this.props.name] || {rows: [], hint: ""};
    }

    get choices() {
        return this.props.record.data.choices || {};
    }

    get isMove() {
        return this.props.mode === "move";
    }

    get skipWords() {
        return this.isMove ? _t("Leave as it is") : _t("Leave out");
    }

    /**
     * What will happen to a date: book, settle, stay (a visit that cannot be moved),
     * skip, keep (booked already).
     */
    fate(row) {
        const choice = this.choices[row.id];
        if (row.booked) {
            return "keep";
        }
        if (choice === SKIP || (row.past && !choice)) {
            return "skip";
        }
        if (row.ok || this.isChosen(row)) {
            return "book";
        }
        return this.isMove && !row.open ? "stay" : "settle";
    }

    /** A choice counts only while its window is still among those on offer. */
    isChosen(row) {
        return row.choices.some((choice) => choice.key === this.choices[row.id]);
    }

    isTakenElsewhere(row, key) {
        return this.preview.rows.some(
            (other) => other.id !== row.id && this.choices[other.id] === key
        );
    }

    fateWords(row) {
        const fate = this.fate(row);
        if (fate === "stay") {
            return _t("stays at the old time");
        }
        if (fate === "settle") {
            return _t("to be settled later");
        }
        if (fate === "skip") {
            return row.past ? "" : this.isMove ? _t("stays as it is") : _t("left out");
        }
        return "";
    }

    get summary() {
        const count = {book: 0, settle: 0, stay: 0, skip: 0, keep: 0};
        for (const row of this.preview.rows) {
            count[this.fate(row)] += 1;
        }
        return count;
    }

    rowClass(row) {
        return {
            book: "o_clinic_series_good",
            keep: "o_clinic_series_good",
            settle: "o_clinic_series_open",
            stay: "o_clinic_series_open",
            skip: "o_clinic_series_out",
        }[this.fate(row)];
    }

    rowIcon(row) {
        return {
            book: "fa-check text-success",
            keep: "fa-check text-success",
            settle: "fa-exclamation-triangle text-warning",
            stay: "fa-exclamation-triangle text-warning",
            skip: "fa-ban text-muted",
        }[this.fate(row)];
    }

    /** A second click takes the choice back. */
    onChoose(row, key) {
        const choices = {...this.choices};
        if (choices[row.id] === key) {
            delete choices[row.id];
        } else {
            choices[row.id] = key;
        }
        return this.props.record.update({choices});
    }

    onSkip(row) {
        return this.onChoose(row, SKIP);
    }
}

export const seriesPreviewField = {
    component: SeriesPreviewField,
    displayName: _t("Preview of regular visits"),
    supportedTypes: ["json"],
    isEmpty: () => false,
    extractProps: ({options}) => ({mode: options.mode}),
};

registry.category("fields").add("clinic_series_preview", seriesPreviewField);
