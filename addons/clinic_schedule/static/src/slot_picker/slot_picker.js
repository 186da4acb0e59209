import {Component, useEffect, useRef} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const {Info} = luxon;
const ARROWS = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1};

/**
 * Shows the free windows of a wizard by day and specialist; a click chooses one.
 *
 * The windows come as JSON from `clinic.slot.picker.mixin`; the key of the chosen one
 * goes to the field `chosen` of the same record (of several services: the keys of all,
 * with semicolons between).
 *
 * By keyboard: all windows are one stop of Tab, the arrows go among them, Enter chooses
 * and goes on to the button that books.
 */
export class SlotPickerField extends Component {
    static template = "clinic_schedule.SlotPickerField";
    static props = {...standardFieldProps};

    setup() {
        this.root = useRef("root");
        this.dayParts = [
            {value: "morning", label: _t("Morning")},
            {value: "day", label: _t("Afternoon")},
            {value: "evening", label: _t("Evening")},
        ];
        this.weekdayNames = Info.weekdays("short");
        // A refusal takes the focus as soon as it is drawn: its first way out is Enter.
        useEffect(
            (refusal) => {
                if (refusal) {
                    this.root.el.querySelector(".o_clinic_refusal button")?.focus();
                }
            },
            () => [this.refusal]
        );
    }

    get data() {
        return this.props.record.data;
    }

    get offers() {
        return this.data[this.props.name] || {days: [], best: [], soonest: []};
    }

    get chosen() {
        return this.data.chosen || "";
    }

    get refusal() {
        return this.data.refusal;
    }

    /** Instead of the one window, or of a whole chain: what is best now. */
    get refusalOffers() {
        const {offers} = this.refusal;
        return offers.length ? offers : this.offers.best;
    }

    get canFilter() {
        return (
            "day_part" in this.props.record.activeFields &&
            !["service", "specialty"].includes(this.offers.hint) &&
            this.offers.mode !== "now"
        );
    }

    get weekdays() {
        return (this.data.weekdays || "").split(",").filter((number) => number);
    }

    isWeekday(number) {
        return this.weekdays.includes(String(number));
    }

    get hint() {
        return {
            service: _t("Choose a service: its free times appear here."),
            specialty: _t("This specialist does not provide the service."),
            none: _t(
                "Nothing is free in the coming weeks. Try another branch, specialist or time of day, or put the patient on the waiting list."
            ),
            none_chain: _t(
                "The services do not fit one after another on any day. Try “Each by itself”."
            ),
            none_today: _t("Nobody who provides the service is free today any more."),
        }[this.offers.hint];
    }

    get bestTitle() {
        return (
            {
                now: _t("Free now"),
                chain: _t("Least waiting"),
                hand_over: _t("At the same time"),
            }[this.offers.mode] || _t("Best for this patient")
        );
    }

    get bestIcon() {
        return this.offers.mode === "hand_over" ? "fa-exchange" : "fa-star";
    }

    get soonestTitle() {
        return this.offers.mode === "now" ? _t("Later today") : _t("Soonest");
    }

    get keys() {
        return this.chosen.split(";");
    }

    isChosen(offer) {
        if (this.offers.mode === "each") {
            return this.keys[this.offers.active] === offer.key;
        }
        return this.chosen === offer.key;
    }

    isChosenNeed(index) {
        return Boolean(this.keys[index]);
    }

    /** Only one window is a stop of Tab: the chosen one, else the first. */
    tabIndex(offer) {
        const inView = this.allKeys.includes(this.chosen);
        const stop = inView ? this.chosen : this.allKeys[0];
        return offer.key === stop ? 0 : -1;
    }

    get allKeys() {
        const {best, soonest, days} = this.offers;
        return [
            ...(this.refusal ? this.refusalOffers : []),
            ...best,
            ...(soonest || []),
            ...days.flatMap(
                (day) => day.chains || day.rows.flatMap((row) => row.windows)
            ),
        ].map((offer) => offer.key);
    }

    async onChoose(offer) {
        const {record} = this.props;
        if (this.offers.mode !== "each") {
            await record.update({chosen: offer.key, ...this.noRefusal});
            this.focusNext();
            return;
        }
        const keys = this.offers.needs.map((_need, index) => this.keys[index] || "");
        keys[this.offers.active] = offer.key;
        const empty = keys.findIndex((key) => !key);
        await record.update({
            chosen: keys.join(";"),
            ...(empty >= 0 ? {active_need: empty} : {}),
            ...this.noRefusal,
        });
        if (empty < 0) {
            this.focusNext();
        }
    }

    get noRefusal() {
        return this.refusal ? {refusal: false} : {};
    }

    /** Enter on a window, Enter on “Book”: nothing else is needed. */
    focusNext() {
        requestAnimationFrame(() => {
            const dialog = this.root.el?.closest(".modal-content");
            dialog?.querySelector("footer .btn-primary:not(.d-none)")?.focus();
        });
    }

    onKeydown(ev) {
        const step = ARROWS[ev.key];
        if (!step || !ev.target.matches(".o_clinic_choice")) {
            return;
        }
        ev.preventDefault();
        const all = [...this.root.el.querySelectorAll(".o_clinic_choice")];
        const next = all[all.indexOf(ev.target) + step];
        next?.focus();
        next?.scrollIntoView({block: "nearest"});
    }

    /** Show the days that many days later (or earlier). */
    onShift(days) {
        const date = this.data.date_from;
        return date && this.props.record.update({date_from: date.plus({days})});
    }

    onDayPart(value) {
        return this.props.record.update({
            day_part: this.data.day_part === value ? false : value,
        });
    }

    onWeekday(number) {
        const text = String(number);
        const days = this.weekdays.includes(text)
            ? this.weekdays.filter((day) => day !== text)
            : [...this.weekdays, text].sort();
        return this.props.record.update({weekdays: days.join(",")});
    }

    onNeed(index) {
        return this.props.record.update({active_need: index});
    }
}

export const slotPickerField = {
    component: SlotPickerField,
    displayName: _t("Free windows"),
    supportedTypes: ["json"],
    isEmpty: () => false,
};

registry.category("fields").add("clinic_slot_picker", slotPickerField);
