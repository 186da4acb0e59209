import * as passkeyLib from "@auth_passkey/../lib/simplewebauthn";
import {patch} from "@web/core/utils/patch";
import {registry} from "@web/core/registry";

const confirmPassword = [
    {
        trigger: ".modal form input[name=password]",
        run: "edit portal_patient",
    },
    {trigger: ".modal-footer .btn-primary", run: "click"},
];

registry.category("web_tour.tours").add("clinic_portal_totp", {
    steps: () => [
        {trigger: "#auth_totp_portal_enable", run: "click"},
        ...confirmPassword,
        {
            content: "The key can be opened and copied",
            trigger: ".o_clinic_totp a[href^='otpauth://totp/']:not(:visible)",
        },
        {trigger: ".o_clinic_totp_secret"},
        {
            content: "Letters are no code",
            trigger: ".o_clinic_totp input[name=code]",
            run: "edit abc",
        },
        {trigger: ".modal-footer .btn-primary", run: "click"},
        {trigger: "#o_clinic_totp_problem:contains('six digits')"},
        {
            content: "A wrong code is told so in words",
            trigger: ".o_clinic_totp input[name=code]",
            run: "edit 000 000",
        },
        {trigger: ".modal-footer .btn-primary", run: "click"},
        {trigger: "#o_clinic_totp_problem:contains('double-check')"},
    ],
});

registry.category("web_tour.tours").add("clinic_portal_passkey", {
    steps: () => [
        {trigger: "#portal_passkey_add", run: "click"},
        ...confirmPassword,
        {
            trigger: ".modal input[name=keyname]",
            run: "edit My phone",
        },
        {
            content: "The phone is waved away",
            trigger: "body",
            run: () => {
                patch(passkeyLib, {
                    startRegistration: async () => {
                        throw new Error("NotAllowedError");
                    },
                });
            },
        },
        {trigger: ".modal-footer .btn-primary", run: "click"},
        {trigger: ".o_notification:contains('No passkey was added')"},
        {
            content: "Keys are renamed and deleted by buttons that have a name",
            trigger: "button.o_passkey_portal_rename[aria-label]",
        },
        {trigger: "button.o_passkey_portal_delete[aria-label]"},
    ],
});

registry.category("web_tour.tours").add("clinic_portal_passkey_login", {
    steps: () => [
        {
            trigger: "body",
            run: () => {
                patch(passkeyLib, {
                    startAuthentication: async () => {
                        throw new Error("NotAllowedError");
                    },
                });
            },
        },
        {trigger: ".passkey_login_link", run: "click"},
        {trigger: ".o_notification:contains('Sign in with the password')"},
    ],
});
