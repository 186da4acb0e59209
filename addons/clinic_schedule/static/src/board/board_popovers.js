import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {Dialog} from "@web/core/dialog/dialog";
import {useService} from "@web/core/utils/hooks";
import {ICONS, stateLabels} from "./board_words";

/** What a click on a card opens: who it is, how to call, and what can be done. */
export class VisitPopover extends Component {
    static template = "clinic_schedule.BoardVisitPopover";
    static props = {
        card: Object,
        onAction: Function,
        onOpen: Function,
        onPatient: Function,
        onMove: Function,
        onRepeat: Function,
        canBook: Boolean,
        close: {type: Function, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.labels = stateLabels();
        this.icons = ICONS;
        this.visit = useState({});
        onWillStart(async () => {
            Object.assign(
                this.visit,
                await this.orm.call("clinic.board", "get_visit", [this.props.card.id])
            );
        });
    }

    get state() {
        return this.props.card.alert || this.visit.state;
    }

    get ageWords() {
        return _t("age %s", this.visit.age);
    }

    get minutesWords() {
        return _t("%s min", this.visit.minutes);
    }

    get telephone() {
        return `tel:${this.visit.phone.replace(/[^+\d]/g, "")}`;
    }

    async act(action) {
        this.props.close?.();
        await this.props.onAction(this.visit, action);
    }

    call(name) {
        this.props.close?.();
        this.props[name](this.visit);
    }
}

/** What a click on free time opens. */
export class SlotPopover extends Component {
    static template = "clinic_schedule.BoardSlotPopover";
    static props = {
        title: String,
        subtitle: String,
        choices: Array,
        close: {type: Function, optional: true},
    };

    choose(choice) {
        this.props.close?.();
        choice.run();
    }
}

/** Why something cannot be done, and what is free instead: one click. */
export class RefusalDialog extends Component {
    static template = "clinic_schedule.BoardRefusal";
    static components = {Dialog};
    static props = {
        message: String,
        alternatives: Array,
        onChoose: Function,
        close: Function,
    };

    get title() {
        return _t("Not possible");
    }

    async choose(alternative) {
        this.props.close();
        await this.props.onChoose(alternative);
    }
}

export class KeysDialog extends Component {
    static template = "clinic_schedule.BoardKeys";
    static components = {Dialog};
    static props = {close: Function};

    get title() {
        return _t("Keys of the board");
    }

    get keys() {
        return [
            ["← →", _t("The day before, the day after; among cards: the next column")],
            ["PgUp PgDn", _t("The day before, the day after")],
            ["T", _t("Today")],
            ["↓ ↑", _t("From card to card, from cell to cell")],
            ["Space", _t("Look at the visit, or what to do with the free time")],
            ["Enter", _t("Open the visit, book the free time")],
            ["C", _t("Confirmed by the patient")],
            ["A", _t("The patient has arrived")],
            [
                "M, Ctrl+X",
                _t("Take the visit; choose a time and press Enter or Ctrl+V"),
            ],
            ["+ −", _t("Higher or lower rows")],
            ["Del", _t("Cancel the visit")],
            ["N", _t("New booking")],
            ["W", _t("The patient is here without a booking")],
            ["B", _t("The patient is here: receive by card, number or name")],
            ["F", _t("Find a patient")],
            ["Ctrl+Z", _t("Undo")],
            ["Esc", _t("Leave it")],
        ];
    }
}
