import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/**
 * Counts down the time a window is held. Seconds come from the server, so a wrong
 * clock on the phone does not matter; at zero the page is asked again.
 */
export class HoldCountdown extends Interaction {
    static selector = ".o_clinic_countdown";
    dynamicContent = {
        _root: {"t-out": () => this.text},
    };

    setup() {
        this.end = performance.now() + Number(this.el.dataset.seconds || 0) * 1000;
        this.count();
    }

    start() {
        const timer = setInterval(() => this.onTick(), 1000);
        this.registerCleanup(() => clearInterval(timer));
    }

    onTick() {
        this.count();
        this.updateContent();
        if (!this.left && !this.reloading) {
            this.reloading = true;
            window.location.reload();
        }
    }

    count() {
        this.left = Math.max(Math.ceil((this.end - performance.now()) / 1000), 0);
        const minutes = Math.floor(this.left / 60);
        this.text = `${minutes}:${String(this.left % 60).padStart(2, "0")}`;
    }
}

registry.category("public.interactions").add("clinic_portal.countdown", HoldCountdown);
