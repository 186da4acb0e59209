import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/**
 * Fills a clinic's building block with what the server knows at this moment:
 * who is free, what it costs. What stands in the page is only a placeholder.
 */
export class ClinicBlock extends Interaction {
    static selector = ".s_clinic_block";

    async willStart() {
        const name = this.el.dataset.clinicBlock;
        const response = await this.waitFor(
            fetch(`/clinic/block/${encodeURIComponent(name)}`)
        );
        if (response.ok) {
            this.html = await this.waitFor(response.text());
        }
    }

    start() {
        const target = this.el.querySelector(".s_clinic_block_content");
        if (!target) {
            return;
        }
        const placeholder = target.innerHTML;
        target.innerHTML = this.html || "";
        this.registerCleanup(() => {
            target.innerHTML = placeholder;
        });
    }
}

registry.category("public.interactions").add("clinic_portal.clinic_block", ClinicBlock);
