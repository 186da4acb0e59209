import {_t} from "@web/core/l10n/translation";

export const ICONS = {
    hold: "fa-hourglass-half",
    booked: "fa-circle-o",
    confirmed: "fa-check-circle",
    arrived: "fa-clock-o",
    in_progress: "fa-play-circle",
    fulfilled: "fa-check",
    unpaid: "fa-rub",
    noshow: "fa-user-times",
};

/** The states in the order of the day, as the legend shows them. */
export const STATES = Object.keys(ICONS);

export function stateLabels() {
    return {
        hold: _t("On hold"),
        booked: _t("Booked"),
        confirmed: _t("Confirmed"),
        arrived: _t("Waiting"),
        in_progress: _t("In visit"),
        fulfilled: _t("Done"),
        unpaid: _t("Done, not paid"),
        noshow: _t("Did not come"),
    };
}

export const MOVABLE = new Set(["hold", "booked", "confirmed", "arrived"]);
export const STRETCHABLE = new Set([...MOVABLE, "in_progress"]);
