import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

const LINE = 2.2;
const LEAST_LENGTH = 40;

/**
 * A signature drawn by hand. Odoo's own form offers to type the name instead, and what
 * anybody can type for anybody is no signature under a consent.
 */
export class SignPad extends Interaction {
    static selector = "form.o_clinic_sign_pad";
    dynamicContent = {
        _root: {"t-on-submit": this.onSubmit},
        _window: {"t-on-resize": this.debounced(this.fit, 200)},
        canvas: {
            "t-on-pointerdown.prevent": this.onDown,
            "t-on-pointermove.prevent": this.onMove,
            "t-on-pointerup": this.onUp,
            "t-on-pointercancel": this.onUp,
        },
        ".o_clinic_pad_clear": {
            "t-on-click": this.clear,
            "t-att-disabled": () => !this.length,
        },
        "button[type=submit]": {"t-att-disabled": () => this.length < LEAST_LENGTH},
    };

    setup() {
        this.length = 0;
        this.canvas = this.el.querySelector("canvas");
        this.pen = this.canvas.getContext("2d");
    }

    start() {
        this.fit();
    }

    /** Give the drawing as many points as the screen has; that empties it. */
    fit() {
        const {clientWidth: width, clientHeight: height} = this.canvas;
        if (width === this.width) {
            // A phone also calls it a resize when the address bar slides away.
            return;
        }
        this.width = width;
        const scale = Math.min(window.devicePixelRatio || 1, 2);
        Object.assign(this.canvas, {width: width * scale, height: height * scale});
        this.pen.scale(scale, scale);
        Object.assign(this.pen, {lineWidth: LINE, lineCap: "round", lineJoin: "round"});
        this.length = 0;
    }

    clear() {
        this.width = null;
        this.fit();
    }

    onDown(ev) {
        this.canvas.setPointerCapture(ev.pointerId);
        this.last = this.middle = {x: ev.offsetX, y: ev.offsetY};
    }

    onMove(ev) {
        if (!this.last) {
            return;
        }
        const next = {x: ev.offsetX, y: ev.offsetY};
        const middle = {
            x: (this.last.x + next.x) / 2,
            y: (this.last.y + next.y) / 2,
        };
        this.pen.beginPath();
        this.pen.moveTo(this.middle.x, this.middle.y);
        this.pen.quadraticCurveTo(this.last.x, this.last.y, middle.x, middle.y);
        this.pen.stroke();
        this.length += Math.hypot(next.x - this.last.x, next.y - this.last.y);
        this.last = next;
        this.middle = middle;
    }

    onUp() {
        this.last = null;
    }

    onSubmit() {
        this.el.elements.signature.value = this.canvas.toDataURL("image/png");
    }
}

registry.category("public.interactions").add("clinic_portal.sign_pad", SignPad);
