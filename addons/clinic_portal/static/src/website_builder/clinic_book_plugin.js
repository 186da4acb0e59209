import {Plugin} from "@html_editor/plugin";
import {registry} from "@web/core/registry";

/**
 * Lets the button “Book a visit” be dropped among the words and columns of a block,
 * as Odoo's own buttons are.
 */
class ClinicBookPlugin extends Plugin {
    static id = "clinicBook";
    resources = {
        so_content_addition_selector: [".s_clinic_book"],
    };
}

registry.category("website-plugins").add(ClinicBookPlugin.id, ClinicBookPlugin);
