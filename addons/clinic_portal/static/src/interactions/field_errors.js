import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

const SUFFIX = "_error";

/**
 * Ties what is wrong with a field to the field and goes to the first one, so that it is
 * heard and not only seen. The sentence is the server's.
 */
export class FieldErrors extends Interaction {
    static selector = ".o_clinic_page:has(.invalid-feedback[id$='_error'])";

    start() {
        let first = null;
        for (const error of this.el.querySelectorAll(
            `.invalid-feedback[id$='${SUFFIX}']`
        )) {
            const name = error.id.slice(0, -SUFFIX.length);
            for (const field of this.el.querySelectorAll(`[name="${name}"]`)) {
                const known = (field.getAttribute("aria-describedby") || "").split(" ");
                const ids = new Set([error.id, ...known.filter(Boolean)]);
                field.setAttribute("aria-describedby", [...ids].join(" "));
                field.setAttribute("aria-invalid", "true");
                first ||= field;
            }
        }
        first?.focus();
    }
}

registry.category("public.interactions").add("clinic_portal.field_errors", FieldErrors);
