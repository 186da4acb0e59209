import * as passkeyLib from "@auth_passkey/../lib/simplewebauthn";
import {PasskeyLogin} from "@auth_passkey/interactions/passkey_login";
import {PortalPasskeyCreate} from "@auth_passkey_portal/js/passkeys_portal_create";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {handleCheckIdentity} from "@portal/interactions/portal_security";
import {patch} from "@web/core/utils/patch";
import {rpc} from "@web/core/network/rpc";

// Whoever waves the phone's question away, or has no key on it, is told so: Odoo
// leaves it to the console.

patch(PortalPasskeyCreate.prototype, {
    async createPasskey(serverOptions, name) {
        const {dialog, notification, orm} = this.services;
        let answer = null;
        try {
            answer = await passkeyLib.startRegistration(serverOptions);
        } catch {
            notification.add(
                _t("No passkey was added: the device did not confirm that it is you."),
                {type: "warning", sticky: true}
            );
            return;
        }
        const model = "auth.passkey.key.create";
        const [key] = await orm.create(model, [{name}]);
        await handleCheckIdentity(
            orm.call(model, "make_key", [key, answer]),
            orm,
            dialog
        );
        browser.location.reload();
    },
});

patch(PasskeyLogin.prototype, {
    async onClick() {
        const options = await this.waitFor(rpc("/auth/passkey/start-auth"));
        let answer = null;
        try {
            answer = await passkeyLib.startAuthentication(options);
        } catch {
            this.services.notification.add(
                _t(
                    "The passkey did not work: this device has none, or did not confirm that it is you. Sign in with the password."
                ),
                {type: "warning", sticky: true}
            );
            return;
        }
        const form = document.querySelector("form.oe_login_form");
        form.querySelector("input[name=webauthn_response]").value =
            JSON.stringify(answer);
        form.querySelector("input[name=type]").value = "webauthn";
        form.submit();
    },
});
