import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

const SHOWN_MS = 12000;

/**
 * Say what was done to a visit, with “Undo” and “Open”.
 *
 * @param {Object} env
 * @param {Object} toast what `clinic.appointment._toast` returns: message, change_ids,
 *     visit_id
 * @param {Object} [options]
 * @param {Function} [options.onUndone] instead of reloading the screen behind
 */
export function showChangeToast(env, toast, {onUndone} = {}) {
    const {action, notification, orm} = env.services;
    const buttons = [];
    const close = () => closeToast();
    if (toast.change_ids?.length) {
        buttons.push({
            name: _t("Undo"),
            primary: true,
            onClick: async () => {
                close();
                // The last first: what was booked after another may stand in its way.
                for (const id of [...toast.change_ids].reverse()) {
                    await orm.call("clinic.appointment", "undo", [id]);
                }
                notification.add(_t("Undone"), {type: "info"});
                await (onUndone ? onUndone() : action.doAction("soft_reload"));
            },
        });
    }
    if (toast.visit_id) {
        buttons.push({
            name: _t("Open"),
            onClick: () => {
                close();
                return action.doAction({
                    type: "ir.actions.act_window",
                    res_model: "clinic.appointment",
                    res_id: toast.visit_id,
                    views: [[false, "form"]],
                });
            },
        });
    }
    const closeToast = notification.add(toast.message, {
        type: "success",
        className: "o_clinic_toast",
        autocloseDelay: SHOWN_MS,
        buttons,
    });
}

registry.category("actions").add("clinic_change_toast", (env, {params}) => {
    showChangeToast(env, params);
    return params.next || {type: "ir.actions.act_window_close"};
});
