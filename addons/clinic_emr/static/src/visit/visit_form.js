import {onMounted, onWillUnmount, useState} from "@odoo/owl";
import {hasTouch} from "@web/core/browser/feature_detection";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {formView} from "@web/views/form/form_view";
import {FormController} from "@web/views/form/form_controller";

const TICK = 500;
const ADD_LINE = ".o_field_x2many_list_row_add a";

// keys (with Alt) that open a new line: diagnosis, medicine, referral
const LINE_KEYS = {
    diagnosis_ids: "d",
    medication_request_ids: "l",
    service_request_ids: "g",
};

/**
 * The form of a visit saves itself while it is being written. What could not be saved
 * stays on the screen and is tried again; the line under the buttons says so.
 */
export class VisitFormController extends FormController {
    static template = "clinic_emr.VisitForm";
    static every = 10000; // tests hurry it

    setup() {
        super.setup();
        this.draft = useState({words: "", failed: false});
        this.triedAt = Date.now();
        onMounted(() => {
            this.timer = setInterval(() => this.onTick(), TICK);
            this.focusFirstText();
            this.markLineKeys();
            const leave = (ev) => this.leaveText(ev);
            const key = (ev) => this.onListKey(ev);
            this.rootRef.el?.addEventListener("click", leave, {capture: true});
            this.rootRef.el?.addEventListener("keydown", key, {capture: true});
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    /** One writes at once: the buttons above would be fifteen stops of the Tab key. */
    focusFirstText() {
        const {root} = this.model;
        const {activeElement, body} = document;
        if (root.data.can_edit && activeElement === body && !hasTouch()) {
            const text = this.rootRef.el?.querySelector("[name=complaint] textarea");
            text?.focus({preventScroll: true});
        }
    }

    /** The list that a line is added to is drawn anew time and again. */
    markLineKeys() {
        for (const [name, key] of Object.entries(LINE_KEYS)) {
            const link = this.rootRef.el?.querySelector(
                `.o_field_widget[name=${name}] ${ADD_LINE}`
            );
            if (link) {
                link.dataset.hotkey = key;
            }
        }
    }

    /**
     * A new line takes a moment to open. What is typed meanwhile must not end up in the
     * text that was being written before, nor in the line of another list: one that
     * stays open takes the focus back as soon as it is drawn anew.
     */
    leaveText(ev) {
        const link = ev.target.closest?.(ADD_LINE);
        if (!link) {
            return;
        }
        document.activeElement?.blur();
        const own = link.closest(".o_field_widget")?.getAttribute("name");
        this.triedAt = Date.now();
        if (this.saving) {
            // saving brings new lists: a line added to the old one would be lost
            ev.preventDefault();
            ev.stopPropagation();
            this.saving.then(() => this.addLine(own));
            return;
        }
        for (const [name, value] of Object.entries(this.model.root.data)) {
            if (name !== own && value?.editedRecord) {
                value.leaveEditMode();
            }
        }
    }

    onListKey(ev) {
        // the list would open the line for editing instead of pressing its button
        if (ev.key === "Enter" && ev.target.closest?.(".o_data_row button")) {
            ev.stopPropagation();
        }
        this.passLink(ev);
    }

    /**
     * Tab on an empty last line leaves it, which takes a moment; a second Tab meanwhile
     * comes from the link below, and the list would look there for a record.
     */
    passLink(ev) {
        const link = ev.key === "Tab" && ev.target.closest?.(ADD_LINE);
        const name = link && link.closest(".o_field_widget")?.getAttribute("name");
        if (name && this.model.root.data[name]?.editedRecord) {
            ev.stopPropagation();
        }
    }

    addLine(name) {
        this.rootRef.el
            ?.querySelector(`.o_field_widget[name=${name}] ${ADD_LINE}`)
            ?.click();
    }

    onTick() {
        this.markLineKeys();
        if (Date.now() - this.triedAt >= this.constructor.every) {
            this.triedAt = Date.now();
            this.autosave();
        }
    }

    async autosave() {
        const {root} = this.model;
        if (this.saving || this.formInDialog || !root.resId || !root.data.can_edit) {
            return;
        }
        this.saving = this.saveDraft().finally(() => {
            this.saving = null;
        });
        await this.saving;
    }

    async saveDraft() {
        const {root, mutex} = this.model;
        if (!(await root.isDirty())) {
            return;
        }
        // asked within the mutex: a line may be on its way to the screen
        const saved = await mutex.exec(
            () => this.isLineOpen || root._save({onError: () => this.onDraftKept()})
        );
        if (saved === true && !this.isLineOpen) {
            const time = luxon.DateTime.now()
                .setZone(root.data.wall_tz)
                .toFormat("HH:mm");
            this.draft.failed = false;
            this.draft.words = _t("Saved at %s", time);
        } else if (!saved) {
            this.onDraftKept();
        }
    }

    /** Saving would take away the line in which a diagnosis is being searched. */
    get isLineOpen() {
        return Object.values(this.model.root.data).some((value) => value?.editedRecord);
    }

    onDraftKept() {
        this.draft.failed = true;
        this.draft.words = _t("Not saved yet: it will be tried again");
        return false;
    }
}

registry.category("views").add("clinic_visit_form", {
    ...formView,
    Controller: VisitFormController,
});
