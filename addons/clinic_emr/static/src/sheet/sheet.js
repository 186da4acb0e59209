import {Component, useEffect, useRef} from "@odoo/owl";
import {localization} from "@web/core/l10n/localization";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const SIDES = {
    side: [
        ["right", _t("right")],
        ["left", _t("left")],
        ["both", _t("both sides")],
    ],
    eye: [
        ["OD", _t("right eye (OD)")],
        ["OS", _t("left eye (OS)")],
        ["OU", _t("both eyes (OU)")],
    ],
};

const VERDICTS = {
    low: _t("below the norm"),
    high: _t("above the norm"),
    critical: _t("critical"),
};

// by record: the values of its sheet that are being handed over at this moment
const underway = new WeakMap();

/** Returns a number of what was typed, NaN where it is none. */
export function readNumber(text) {
    return /^\s*-?\d+([.,]\d+)?\s*$/.test(text)
        ? parseFloat(text.replace(",", "."))
        : NaN;
}

/** Judges a number as the server will when the visit is saved (tools/sheet.py). */
export function interpret(item, number) {
    const below = (bound) => typeof bound === "number" && number < bound;
    const above = (bound) => typeof bound === "number" && number > bound;
    if (below(item.critical_low) || above(item.critical_high)) {
        return "critical";
    }
    return (below(item.low) && "low") || (above(item.high) && "high") || "normal";
}

/**
 * The typed fields of a visit: all of them, or those of one part (options.part).
 * Several of them on one form share one value.
 */
export class Sheet extends Component {
    static template = "clinic_emr.Sheet";
    static props = {...standardFieldProps, part: {type: String, optional: true}};

    setup() {
        this.root = useRef("root");
        // The code of the field that is being typed in, until its value is handed over.
        this.typing = null;
        useEffect(() => this.fill());
    }

    /**
     * Puts the values into the inputs, but not into the one being typed in: drawing it
     * anew, as when the value before it has come back from the server, would take the
     * first digits away. Not in the template, for what that sets is older than the keys
     * pressed between rendering and patching.
     */
    fill() {
        for (const item of this.items) {
            const input = this.root.el?.querySelector(
                `[data-code="${window.CSS.escape(item.code)}"] input[type=text]`
            );
            if (input && this.typing !== item.code) {
                input.value = this.shown(item);
            }
        }
    }

    get data() {
        return this.props.record.data[this.props.name] || {items: [], values: {}};
    }

    get items() {
        const {part} = this.props;
        return this.data.items.filter((item) => !part || item.part === part);
    }

    /** What is written, for whoever may only read. */
    get written() {
        const texts = this.data.texts || {};
        return this.items.filter((item) => texts[item.code]);
    }

    id(item) {
        return `${this.props.id || this.props.name}_${item.code}`;
    }

    value(item) {
        const values = underway.get(this.props.record) || this.data.values;
        const value = values[item.code];
        return value === undefined || value === null ? "" : value;
    }

    shown(item) {
        const value = this.value(item);
        return typeof value === "number"
            ? String(value).replace(".", localization.decimalPoint)
            : value;
    }

    verdict(item) {
        if (!["number", "scale"].includes(item.kind)) {
            return "";
        }
        const number = readNumber(String(this.value(item)));
        if (isNaN(number)) {
            return "";
        }
        const verdict = interpret(item, number);
        return verdict === "normal" ? "" : verdict;
    }

    verdictWords(verdict) {
        return VERDICTS[verdict] || "";
    }

    /** What is wrong with a typed number, before the server refuses it. */
    problem(item) {
        const value = String(this.value(item));
        if (item.kind !== "number" || value === "") {
            return "";
        }
        const number = readNumber(value);
        if (isNaN(number)) {
            return _t("a number is expected");
        }
        if (typeof item.minimum === "number" && number < item.minimum) {
            return _t("too small to be true");
        }
        if (typeof item.maximum === "number" && number > item.maximum) {
            return _t("too great to be true");
        }
        return "";
    }

    norm(item) {
        const {low, high} = item;
        const figure = (bound) => String(bound).replace(".", localization.decimalPoint);
        // a norm from zero on is one that is not to be exceeded
        if (low && typeof high === "number") {
            return `${figure(low)}–${figure(high)}`;
        }
        if (typeof high === "number") {
            return `≤ ${figure(high)}`;
        }
        return typeof low === "number" ? `≥ ${figure(low)}` : "";
    }

    sides(item) {
        return SIDES[item.kind];
    }

    steps(item) {
        const steps = [];
        for (let step = item.minimum; step <= item.maximum; step++) {
            steps.push(step);
        }
        return steps;
    }

    has(item, choice) {
        const value = this.value(item);
        return Array.isArray(value) && value.includes(choice);
    }

    /**
     * What is typed while an earlier value is still on its way to the server is added
     * to that one, and does not take its place.
     */
    async set(item, value) {
        const {record, name} = this.props;
        const values = {
            ...(underway.get(record) || this.data.values),
            [item.code]: value,
        };
        underway.set(record, values);
        try {
            await record.update({[name]: {...this.data, values}});
        } finally {
            if (underway.get(record) === values) {
                underway.delete(record);
            }
        }
    }

    onInput(item) {
        this.typing = item.code;
    }

    forget(item) {
        if (this.typing === item.code) {
            this.typing = null;
        }
    }

    onNumber(item, ev) {
        this.forget(item);
        const text = ev.target.value.trim();
        const number = readNumber(text);
        this.set(item, isNaN(number) ? text || null : number);
    }

    onText(item, ev) {
        this.forget(item);
        this.set(item, ev.target.value.trim() || null);
    }

    onTick(item, choice, ev) {
        const chosen = this.has(item, choice)
            ? this.value(item).filter((other) => other !== choice)
            : [...(this.value(item) || []), choice];
        ev.target.checked = chosen.includes(choice);
        this.set(item, chosen.length ? chosen : null);
    }

    /** A scale is one stop of the Tab key; arrows walk it, a digit chooses. */
    isStop(item, step) {
        const value = this.value(item);
        return step === (value === "" ? item.minimum : value);
    }

    onScaleKey(item, ev) {
        const forth = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1}[ev.key];
        const buttons = [...ev.currentTarget.children];
        if (forth) {
            ev.preventDefault();
            buttons[buttons.indexOf(ev.target) + forth]?.focus();
        } else if (/^\d$/.test(ev.key) && !ev.altKey && !ev.ctrlKey && !ev.metaKey) {
            const index = this.steps(item).indexOf(Number(ev.key));
            if (index >= 0) {
                ev.preventDefault();
                buttons[index].focus();
                this.set(item, Number(ev.key));
            }
        }
    }

    /** A second click on what is chosen takes it back. */
    onToggle(item, value) {
        this.set(item, this.value(item) === value ? null : value);
    }
}

export const sheetField = {
    component: Sheet,
    supportedTypes: ["json"],
    extractProps: ({options}) => ({part: options.part}),
};

registry.category("fields").add("clinic_sheet", sheetField);
