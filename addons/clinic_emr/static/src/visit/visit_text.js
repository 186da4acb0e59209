import {useEffect, useRef, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {TextField, textField} from "@web/views/fields/text/text_field";

// "/" at the beginning of a word, and what is typed of the short name after it
const TRIGGER = /(^|\s)[/\\]([^\s/\\]*)$/;
const BLANK = "___";

/**
 * A text of a visit: phrases by "/" and their short name (arrows, Enter, Escape), and
 * what was written here the last time. Without phrases it is a text field.
 */
export class VisitText extends TextField {
    static template = "clinic_emr.VisitText";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.menuRef = useRef("menu");
        this.state = useState({phrases: [], active: 0, open: false});
        this.known = null;
        useEffect(
            () => {
                // a block: what an effect returns is taken for its clean-up
                this.menuRef.el
                    ?.querySelector(".active")
                    ?.scrollIntoView({block: "nearest"});
            },
            () => [this.state.active, this.state.open]
        );
    }

    get area() {
        return this.textareaRef.el;
    }

    async load() {
        this.known ||= await this.orm.call("clinic.phrase", "offered", [
            this.props.name,
        ]);
        return this.known;
    }

    get typed() {
        return TRIGGER.exec(this.area.value.slice(0, this.area.selectionStart));
    }

    async onInput() {
        const match = this.typed;
        if (!match) {
            this.state.open = false;
            return;
        }
        const phrases = await this.load();
        const start = match[2].toLowerCase();
        this.state.phrases = phrases.filter((phrase) =>
            phrase.name.toLowerCase().startsWith(start)
        );
        this.state.active = 0;
        this.state.open = Boolean(this.typed && this.state.phrases.length);
    }

    onKeydown(ev) {
        if (!this.state.open) {
            return;
        }
        const count = this.state.phrases.length;
        const moves = {
            ArrowDown: () => (this.state.active = (this.state.active + 1) % count),
            ArrowUp: () =>
                (this.state.active = (this.state.active + count - 1) % count),
            Enter: () => this.choose(this.state.phrases[this.state.active]),
            Tab: () => this.choose(this.state.phrases[this.state.active]),
            Escape: () => (this.state.open = false),
        };
        if (moves[ev.key]) {
            ev.preventDefault();
            ev.stopPropagation();
            moves[ev.key]();
        }
    }

    async onBlur() {
        await super.onBlur();
        this.state.open = false;
    }

    choose(phrase) {
        const stop = this.area.selectionStart;
        const match = this.typed;
        const start = match ? stop - match[0].length + match[1].length : stop;
        this.put(phrase.text, start, stop);
        this.state.open = false;
    }

    /** Puts a text in and the cursor at its first blank, or after it. */
    put(text, start, stop) {
        this.area.focus();
        this.area.setRangeText(text, start, stop, "end");
        const blank = text.indexOf(BLANK);
        if (blank >= 0) {
            this.area.setSelectionRange(start + blank, start + blank + BLANK.length);
        }
        this.area.dispatchEvent(new Event("input", {bubbles: true}));
    }

    async onPhrases() {
        const phrases = await this.load();
        this.area.focus();
        if (!phrases.length) {
            this.notification.add(
                _t("No phrases yet: they are written in the menu “Phrases”.")
            );
            return;
        }
        this.state.phrases = phrases;
        this.state.active = 0;
        this.state.open = true;
    }

    async onLastTime() {
        const text = await this.orm.call("clinic.encounter", "last_text", [
            [this.props.record.resId],
            this.props.name,
        ]);
        if (!text) {
            this.notification.add(_t("Nothing was written here the last time."));
            return;
        }
        const end = this.area.value.length;
        this.put(this.area.value.trim() ? `\n${text}` : text, end, end);
    }
}

registry.category("fields").add("clinic_visit_text", {
    ...textField,
    component: VisitText,
});
