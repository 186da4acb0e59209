import {Component, useState} from "@odoo/owl";
import {useAutofocus} from "@web/core/utils/hooks";
import {Dialog} from "@web/core/dialog/dialog";
import {TOTPEnable} from "@auth_totp_portal/interactions/totp_enable";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {handleCheckIdentity} from "@portal/interactions/portal_security";
import {patch} from "@web/core/utils/patch";
import {user} from "@web/core/user";

/**
 * Setting up the second factor on the phone itself: the key opens in the application,
 * or is copied; what is wrong with the code is said in words. In Odoo's own dialog the
 * key does not fit a phone, its button copies nothing, and a wrong code is “undefined”.
 */
export class TotpDialog extends Component {
    static template = "clinic_portal.TotpDialog";
    static components = {Dialog};
    static props = {
        qrcode: String,
        secret: String,
        url: String,
        enable: Function,
        close: Function,
    };

    setup() {
        this.state = useState({code: "", problem: "", copied: false, busy: false});
        useAutofocus({refName: "code"});
    }

    async copy() {
        await browser.navigator.clipboard.writeText(this.props.secret);
        this.state.copied = true;
    }

    async activate() {
        const code = this.state.code.replace(/\s/g, "");
        this.state.problem = /^\d{6}$/.test(code)
            ? ""
            : _t("Write the six digits which the application shows.");
        if (this.state.problem || this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await this.props.enable(code);
        } catch (error) {
            this.state.problem =
                error.data?.message || _t("It did not work. Try again.");
        }
        this.state.busy = false;
    }
}

patch(TOTPEnable.prototype, {
    async onClick() {
        const {dialog, orm} = this.services;
        const wizard = await this.waitFor(
            handleCheckIdentity(
                orm.call("res.users", "action_totp_enable_wizard", [user.userId]),
                orm,
                dialog
            )
        );
        if (!wizard) {
            // Switched on already, in another window
            browser.location.reload();
            return;
        }
        const [{qrcode, secret, url}] = await this.waitFor(
            orm.read(wizard.res_model, [wizard.res_id], ["qrcode", "secret", "url"])
        );
        dialog.add(TotpDialog, {
            qrcode,
            secret,
            url,
            enable: async (code) => {
                const args = [[wizard.res_id]];
                const call = orm.call(wizard.res_model, "enable", args, {
                    context: {code},
                });
                await handleCheckIdentity(call, orm, dialog);
                browser.location.reload();
            },
        });
    },
});
