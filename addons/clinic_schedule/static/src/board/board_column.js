import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {
    fromUtc,
    gatherSessions,
    layLanes,
    spanLabel,
    timeLabel,
} from "./board_geometry";
import {ICONS, stateLabels} from "./board_words";

const TINY = 30;
const SMALL = 42;
const LONG_WAIT = 15;
const LONG_HOLD = 600;

/** Minutes somebody has been waiting, or the rest of a hold; ticks by itself. */
export class BoardTimer extends Component {
    static template = "clinic_schedule.BoardTimer";
    static props = {since: {optional: true}, until: {optional: true}};

    setup() {
        this.tick = useState(this.env.boardTick);
    }

    get waited() {
        return Math.max(
            Math.floor((this.tick.minute - fromUtc(this.props.since)) / 60000),
            0
        );
    }

    get isLong() {
        return this.props.since && this.waited >= LONG_WAIT;
    }

    get words() {
        if (this.props.since) {
            return _t("%s min", this.waited);
        }
        const rest = Math.max(fromUtc(this.props.until) - this.tick.second, 0) / 1000;
        if (rest >= 2 * 3600) {
            return _t("%s h", Math.floor(rest / 3600));
        }
        if (rest >= LONG_HOLD) {
            return _t("%s min", Math.floor(rest / 60));
        }
        const seconds = String(Math.floor(rest % 60)).padStart(2, "0");
        return `${Math.floor(rest / 60)}:${seconds}`;
    }
}

/** One column of the board; drawn again only when it itself has changed. */
export class BoardColumn extends Component {
    static template = "clinic_schedule.BoardColumn";
    static components = {BoardTimer};
    static props = {
        column: Object,
        index: Number,
        zoom: Number,
        from: Number,
        clock: Array,
        view: String,
        editable: Boolean,
    };

    setup() {
        this.labels = stateLabels();
        this.icons = ICONS;
        this.flags = {
            new: _t("first visit"),
            must_move: _t("must be moved"),
            unsent: _t("a message did not arrive"),
            to_pay: _t("to be paid"),
            series: _t("one of a series"),
            note: _t("has a note"),
        };
    }

    get items() {
        return layLanes(gatherSessions(this.props.column.cards));
    }

    place(item) {
        const {zoom, from} = this.props;
        const top = (item.start - from) * zoom;
        const height = Math.max((item.stop - item.start) * zoom, 12);
        let style = `top:${top}px;height:${height}px;`;
        if (item.state === "noshow" && item.lanes === 1) {
            return `${style}left:62%;`; // the time beside it is free again
        }
        if (item.lanes > 1) {
            const width = 100 / item.lanes;
            style += `left:${item.lane * width}%;width:calc(${width}% - 2px);right:auto;`;
        }
        return style;
    }

    buffer(card, side) {
        const minutes = card[side];
        const start = side === "before" ? card.start - minutes : card.stop;
        return this.place({start, stop: start + minutes});
    }

    state(card) {
        return card.alert || card.state;
    }

    timed(card) {
        return (
            (card.state === "arrived" && card.arrived_at) ||
            (card.state === "hold" && card.hold_until)
        );
    }

    isTiny(card) {
        return (card.stop - card.start) * this.props.zoom < TINY;
    }

    cardClass(card) {
        const height = (card.stop - card.start) * this.props.zoom;
        return {
            [`o_cb_is_${this.state(card)}`]: true,
            o_cb_tiny: this.isTiny(card) && !card.members,
            o_cb_small: height < SMALL,
            o_cb_flash: card.flash || card.members?.some((one) => one.flash),
            o_cb_session: Boolean(card.members),
        };
    }

    time(card) {
        return timeLabel(card.start, this.props.clock);
    }

    /** The whole card in words, for those who do not see it. */
    words(card) {
        const words = [
            spanLabel(card.start, card.stop, this.props.clock),
            card.patient_full,
            card.service,
            this.labels[this.state(card)],
        ];
        if (this.props.view !== "specialist" && this.props.view !== "week") {
            words.push(card.who);
        }
        for (const [flag, text] of Object.entries(this.flags)) {
            if (card[flag]) {
                words.push(text);
            }
        }
        return words.filter(Boolean).join(", ");
    }

    title(card) {
        return [this.words(card), card.room].filter(Boolean).join("\n");
    }

    shiftWords(shift) {
        const words = shift.who || (this.props.view === "week" ? shift.room : "");
        return words
            ? `${words} ${spanLabel(shift.start, shift.stop, this.props.clock)}`
            : "";
    }

    get busyWords() {
        return _t("Busy");
    }

    get offWords() {
        return _t("Time off");
    }

    spanWords(item) {
        return spanLabel(item.start, item.stop, this.props.clock);
    }
}
