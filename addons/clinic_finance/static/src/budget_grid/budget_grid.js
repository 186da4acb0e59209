import {
    Component,
    onMounted,
    onPatched,
    onWillStart,
    useRef,
    useState,
} from "@odoo/owl";
import {BudgetSheet, COMPARED, MEASURES} from "./budget_sheet";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {formatSum, parseSum, parseTable} from "./budget_math";
import {BudgetChart} from "./budget_chart";
import {BudgetRow} from "./budget_row";
import {Layout} from "@web/search/layout";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {download} from "@web/core/network/download";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";

const STORE = "clinic_budget.";
const SAVE_AFTER = 500;

// Where somebody was, for the way back from the entries.
const memory = {};

function stored(name, otherwise) {
    const value = browser.localStorage.getItem(STORE + name);
    return value === null ? otherwise : JSON.parse(value);
}

/** A budget as a table: items down, months across; keys work as in a spreadsheet. */
export class BudgetGrid extends Component {
    static template = "clinic_finance.BudgetGrid";
    static components = {BudgetChart, BudgetRow, Layout};
    static props = {...standardActionServiceProps};
    static displayName = _t("Budget");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.rootRef = useRef("root");
        this.scrollRef = useRef("scroll");
        this.display = {controlPanel: {}};
        this.measureNames = {
            planned: _t("Planned"),
            change: _t("Changed by"),
            actual: _t("Actual"),
            deviation: _t("Deviation"),
            forecast: _t("Forecast"),
        };
        this.measures = MEASURES;
        this.budgetId = this.props.action.context.active_id;
        const before = memory[this.budgetId] || {};
        this.state = useState({
            version: 0,
            measures: stored("measures", null),
            view: before.view ?? null,
            hideEmpty: stored("hideEmpty", false),
            chart: stored("chart", true),
            compared: before.compared || false,
            row: before.row || 0,
            column: before.column || 0,
            rowTo: null,
            columnTo: null,
            editing: null,
            selectAll: false,
            saving: "",
        });
        this.collapsed = new Set(before.collapsed || []);
        this.rowEvents = {
            onCell: (...args) => this.onCell(...args),
            onToggle: (id) => this.toggle(id),
            onEditKey: (ev) => this.onEditKey(ev),
            onEditBlur: (ev) => this.onEditBlur(ev),
        };
        onWillStart(() => this.load());
        onMounted(() => this.focus());
        onPatched(() => this.showCursor());
        useSetupAction({
            rootRef: this.rootRef,
            beforeLeave: () => this.leave(),
            beforeUnload: (ev) => {
                if (this.sheet.dirty.size) {
                    this.save();
                    ev.preventDefault();
                    ev.returnValue = "unsaved";
                }
            },
        });
    }

    // What is shown --------------------------------------------------------------

    async load() {
        if (!this.budgetId) {
            this.sheet = null;
            return;
        }
        const data = await this.orm.call("clinic.budget", "get_grid", [
            [this.budgetId],
            this.state.compared,
        ]);
        this.sheet = new BudgetSheet(data);
        this.state.compared = data.compared;
        this.env.config.setDisplayName?.(data.name);
        if (this.state.view === null) {
            this.state.view = data.byBranch ? "all" : false;
        }
        if (!this.state.measures) {
            this.state.measures =
                data.months.length > 3 ? ["planned", "actual"] : [...MEASURES];
        }
        this.refresh();
    }

    refresh() {
        const {view, hideEmpty} = this.state;
        this.rows = this.sheet.rows({view, hideEmpty, collapsed: this.collapsed});
        const measures = this.shownMeasures;
        const months = this.sheet.months.map((_month, index) => index);
        if (months.length > 1) {
            months.push(-1);
        }
        this.columns = months.flatMap((month) =>
            measures.map((measure, index) => ({month, measure, isFirst: !index}))
        );
        this.groups = months.map((month) => ({
            label: month < 0 ? _t("Total") : this.sheet.months[month].label,
            isCurrent: month >= 0 && this.isCurrent(this.sheet.months[month]),
            span: measures.length,
        }));
        this.state.row = Math.min(this.state.row, this.rows.length - 1);
        this.state.column = Math.min(this.state.column, this.columns.length - 1);
        this.state.version++;
    }

    /** Return the columns of a month; a compared version stands around the plan. */
    get shownMeasures() {
        const chosen = MEASURES.filter((one) => this.state.measures.includes(one));
        if (!this.state.compared) {
            return chosen;
        }
        const others = chosen.filter((one) => one !== "planned");
        return [COMPARED[0], "planned", COMPARED[1], ...others];
    }

    get comparedName() {
        const {versions, compared} = this.data;
        return versions.find((version) => version.id === compared)?.name;
    }

    nameOf(measure) {
        return measure === "before" ? this.comparedName : this.measureNames[measure];
    }

    isCurrent(month) {
        return month.done > 0 && month.done < 1;
    }

    get data() {
        return this.sheet.data;
    }

    get unit() {
        return this.data.currency.unit;
    }

    get canEdit() {
        return this.sheet.canEdit(this.state.view);
    }

    get currentRow() {
        return this.rows[this.state.row];
    }

    get currentColumn() {
        return this.columns[this.state.column];
    }

    /** Return the selected block: rows and columns, from and to. */
    get block() {
        const {row, column, rowTo, columnTo} = this.state;
        const [r2, c2] = [rowTo ?? row, columnTo ?? column];
        return {
            top: Math.min(row, r2),
            bottom: Math.max(row, r2),
            left: Math.min(column, c2),
            right: Math.max(column, c2),
        };
    }

    rowProps(index) {
        const {state, block} = this;
        const isIn = index >= block.top && index <= block.bottom;
        const isAt = index === state.row;
        return {
            from: isIn ? block.left : 1,
            to: isIn ? block.right : 0,
            at: isAt ? state.column : -1,
            editing: isAt ? state.editing : null,
            selectAll: isAt && state.selectAll,
            editable: this.canEdit,
        };
    }

    amountAt(row, column) {
        return column.month < 0
            ? row.values.totals[column.measure]
            : row.values[column.measure][column.month];
    }

    get cellWords() {
        const month =
            this.currentColumn.month < 0
                ? null
                : this.sheet.months[this.currentColumn.month];
        return [
            this.currentRow.name,
            month?.label,
            this.nameOf(this.currentColumn.measure),
        ]
            .filter(Boolean)
            .join(" · ");
    }

    get exactSum() {
        const amount = this.amountAt(this.currentRow, this.currentColumn);
        return formatSum(amount, this.unit, true) || "0";
    }

    /** Return sum and number of what is selected, if it is more than one cell. */
    get selectionSum() {
        const {top, bottom, left, right} = this.block;
        if (top === bottom && left === right) {
            return null;
        }
        let sum = 0;
        for (const row of this.rows.slice(top, bottom + 1)) {
            for (const column of this.columns.slice(left, right + 1)) {
                sum += this.amountAt(row, column);
            }
        }
        return formatSum(sum, this.unit, true) || "0";
    }

    /** Return the planned cell under the cursor, if it may be changed. */
    get cell() {
        return this.cellAt(this.state.row, this.state.column);
    }

    cellAt(rowIndex, columnIndex) {
        const row = this.rows[rowIndex];
        const column = this.columns[columnIndex];
        if (!row?.leaf || column?.measure !== "planned" || column.month < 0) {
            return null;
        }
        const month = this.sheet.months[column.month].key;
        const branch = this.state.view === "all" ? false : this.state.view;
        return {
            item: row.id,
            branch,
            month,
            present: this.amountAt(row, column),
            oneOff: row.values.oneOff[column.month],
            note: row.values.notes[column.month],
        };
    }

    get chart() {
        const single = this.sheet.months.length === 1;
        if (single) {
            const rows = this.rows.filter((row) =>
                row.type === "item" ? row.level <= 1 && row.leaf : row.type === "other"
            );
            const pick = (measure) => rows.map((row) => row.values.totals[measure]);
            return {
                title: this.sheet.months[0].label,
                labels: rows.map((row) => row.name),
                series: {
                    planned: pick("planned"),
                    actual: pick("actual"),
                    forecast: pick("forecast"),
                },
            };
        }
        const {name, values} = this.currentRow;
        return {
            title: name,
            labels: this.sheet.months.map((month) => month.label),
            series: {
                planned: values.planned,
                actual: values.actual,
                forecast: values.forecast,
            },
        };
    }

    // Moving about ---------------------------------------------------------------

    focus() {
        this.scrollRef.el?.focus({preventScroll: true});
        this.showCursor();
    }

    showCursor() {
        const cursor = this.scrollRef.el?.querySelector(".o_cbg_cursor");
        const place = `${this.state.row}:${this.state.column}`;
        if (cursor && place !== this.shown) {
            this.shown = place;
            cursor.scrollIntoView({block: "nearest", inline: "nearest"});
        }
    }

    moveTo(row, column, extend = false) {
        const {state} = this;
        const inRows = (value) => Math.max(0, Math.min(value, this.rows.length - 1));
        const inColumns = (value) =>
            Math.max(0, Math.min(value, this.columns.length - 1));
        if (extend) {
            state.rowTo = inRows(row);
            state.columnTo = inColumns(column);
            return;
        }
        state.row = inRows(row);
        state.column = inColumns(column);
        state.rowTo = state.columnTo = null;
        state.editing = null;
    }

    move(down, right, extend = false) {
        const {row, column, rowTo, columnTo} = this.state;
        this.moveTo(
            (extend ? (rowTo ?? row) : row) + down,
            (extend ? (columnTo ?? column) : column) + right,
            extend
        );
    }

    onCell(ev, row, column) {
        if (this.state.editing !== null) {
            this.commit();
        }
        this.moveTo(row, column, ev.shiftKey);
        if (ev.type === "dblclick" || this.isLink(ev)) {
            this.open();
        }
        this.focus();
    }

    isLink(ev) {
        return ev.type === "click" && Boolean(ev.target.closest(".o_cbg_link span"));
    }

    /** Enter or double click: edit a planned figure, look into an actual one. */
    open() {
        if (this.currentColumn.measure === "actual") {
            return this.openEntries();
        }
        return this.edit();
    }

    onKeydown(ev) {
        if (ev.target.closest("input, select, textarea")) {
            return;
        }
        if (this.state.editing !== null) {
            this.onEarlyKey(ev);
            return;
        }
        const page = 15;
        const keys = {
            ArrowUp: [-1, 0],
            ArrowDown: [1, 0],
            ArrowLeft: [0, -1],
            ArrowRight: [0, 1],
            PageUp: [-page, 0],
            PageDown: [page, 0],
        };
        const ctrl = ev.ctrlKey || ev.metaKey;
        if (keys[ev.key]) {
            const far = ctrl ? 1000 : 1;
            this.move(keys[ev.key][0] * far, keys[ev.key][1] * far, ev.shiftKey);
        } else if (ev.key === "Home") {
            this.moveTo(ctrl ? 0 : this.state.row, 0, ev.shiftKey);
        } else if (ev.key === "End") {
            this.moveTo(ctrl ? 1e6 : this.state.row, 1e6, ev.shiftKey);
        } else if (ev.key === "Tab") {
            this.move(0, ev.shiftKey ? -1 : 1);
        } else if (ev.key === "Enter" || ev.key === "F2") {
            this.open();
        } else if (ev.key === "Delete" || ev.key === "Backspace") {
            this.fill(() => 0);
        } else if (ctrl && !ev.altKey && this.onControl(ev)) {
            // Done.
        } else if (!ctrl && !ev.altKey && /^[\d=+\-,.]$/.test(ev.key)) {
            this.edit(ev.key);
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    onControl(ev) {
        // By the key's place: the letters differ in the Russian layout.
        const actions = {
            KeyA: () => {
                this.moveTo(0, 0);
                this.moveTo(1e6, 1e6, true);
            },
            KeyD: () => this.fillFrom("top"),
            KeyR: () => this.fillFrom("left"),
            KeyZ: () => this.undo(),
        };
        actions[ev.code]?.();
        return Boolean(actions[ev.code]);
    }

    // Changing -------------------------------------------------------------------

    edit(typed = null) {
        const cell = this.cell;
        if (!cell || !this.canEdit) {
            this.explainReadonly();
            return;
        }
        this.state.selectAll = typed === null;
        this.state.editing =
            typed ??
            (cell.present ? String(cell.present / this.unit).replace(".", ",") : "");
    }

    explainReadonly() {
        let message = "";
        if (this.data.state !== "draft") {
            message = _t("This budget is approved: make a new version to change it.");
        } else if (!this.data.canEdit) {
            message = _t("You may look at this budget, not change it.");
        } else if (!this.canEdit) {
            message = _t("Choose a branch above to plan its figures.");
        } else if (this.currentColumn.measure !== "planned") {
            return;
        } else {
            message = _t("This is a total: plan the items it consists of.");
        }
        // Said once: whoever goes on typing needs no pile of it.
        this.closeReadonlyNote?.();
        this.closeReadonlyNote = this.notification.add(message, {type: "info"});
    }

    /** A key that came before the field was drawn: no digit of a sum may be lost. */
    onEarlyKey(ev) {
        const {state} = this;
        const typed = state.selectAll ? "" : state.editing;
        if (ev.key.length === 1 && !ev.ctrlKey && !ev.metaKey && !ev.altKey) {
            state.editing = typed + ev.key;
        } else if (ev.key === "Backspace") {
            state.editing = typed.slice(0, -1);
        } else {
            this.onEditKey(ev, state.editing);
            return;
        }
        state.selectAll = false;
        ev.preventDefault();
        ev.stopPropagation();
    }

    onEditKey(ev, typed = ev.target.value) {
        ev.stopPropagation();
        const steps = {Enter: [1, 0], Tab: [0, 1], ArrowDown: [1, 0], ArrowUp: [-1, 0]};
        if (ev.key === "Escape") {
            this.state.editing = null;
            this.focus();
        } else if (steps[ev.key]) {
            const [down, right] = steps[ev.key];
            const back = ev.shiftKey ? -1 : 1;
            if (this.commit(typed)) {
                if (ev.key === "Tab") {
                    this.moveToPlanned(back);
                } else {
                    this.move(down * back, right);
                }
                this.focus();
            }
        } else {
            return;
        }
        ev.preventDefault();
    }

    /** Go to the next figure that can be typed in, as Tab does. */
    moveToPlanned(step) {
        let column = this.state.column + step;
        while (this.columns[column] && this.columns[column].measure !== "planned") {
            column += step;
        }
        if (this.columns[column] && this.columns[column].month >= 0) {
            this.moveTo(this.state.row, column);
        }
    }

    onEditBlur(ev) {
        if (this.state.editing !== null) {
            this.commit(ev.target.value);
        }
    }

    /** Take what was typed; return whether it was a sum. */
    commit(text) {
        const input = this.scrollRef.el.querySelector(".o_cbg_input");
        const typed = text ?? input?.value ?? "";
        const cell = this.cell;
        const planned = cell && parseSum(typed, cell.present, this.unit);
        if (planned === null) {
            this.notification.add(
                _t("“%s” is not a sum. Examples: 12500, 12,5к, =3*4200, +10%", typed),
                {type: "warning"}
            );
            this.state.editing = null;
            return false;
        }
        this.state.editing = null;
        if (planned !== cell.present) {
            this.change([{...this.place(cell), planned}]);
        }
        return true;
    }

    place({item, branch, month}) {
        return {item, branch, month};
    }

    /** Put into each selected cell what `sumOf(cell, row, column)` returns. */
    fill(sumOf) {
        if (!this.canEdit) {
            this.explainReadonly();
            return;
        }
        const {top, bottom, left, right} = this.block;
        const changes = [];
        for (let row = top; row <= bottom; row++) {
            for (let column = left; column <= right; column++) {
                const cell = this.cellAt(row, column);
                const planned = cell && sumOf(cell, row, column);
                if (cell && planned !== null && planned !== cell.present) {
                    changes.push({...this.place(cell), planned});
                }
            }
        }
        this.change(changes);
    }

    /** Repeat the first row or column of what is selected over the rest of it. */
    fillFrom(side) {
        const {top, left, right} = this.block;
        const first = this.columns.findIndex(
            (column, index) => index >= left && column.measure === "planned"
        );
        if (side === "left" && (first < 0 || first > right)) {
            return;
        }
        this.fill((_cell, row, column) => {
            const source =
                side === "top" ? this.cellAt(top, column) : this.cellAt(row, first);
            return source ? source.present : null;
        });
    }

    async onCopy(ev) {
        if (this.state.editing !== null || ev.target.closest("input")) {
            return;
        }
        const {top, bottom, left, right} = this.block;
        const text = this.rows
            .slice(top, bottom + 1)
            .map((row) =>
                this.columns
                    .slice(left, right + 1)
                    .map((column) =>
                        String(this.amountAt(row, column) / this.unit).replace(".", ",")
                    )
                    .join("\t")
            )
            .join("\n");
        ev.clipboardData.setData("text/plain", text);
        ev.preventDefault();
    }

    onPaste(ev) {
        if (this.state.editing !== null || ev.target.closest("input")) {
            return;
        }
        ev.preventDefault();
        if (!this.canEdit) {
            this.explainReadonly();
            return;
        }
        const table = parseTable(ev.clipboardData.getData("text/plain"));
        const {top, bottom, left, right} = this.block;
        const isOne = table.length === 1 && table[0].length === 1;
        const height = isOne ? bottom - top + 1 : table.length;
        const width = isOne ? right - left + 1 : table[0].length;
        const targets = this.columns
            .map((column, index) => ({...column, index}))
            .filter(({index, measure}) => index >= left && measure === "planned");
        const changes = [];
        for (let down = 0; down < height; down++) {
            for (let across = 0; across < width; across++) {
                const target = targets[across];
                const cell = target && this.cellAt(top + down, target.index);
                const text = isOne ? table[0][0] : (table[down][across] ?? "");
                const planned = cell && parseSum(text, cell.present, this.unit);
                if (cell && planned !== null && planned !== cell.present) {
                    changes.push({...this.place(cell), planned});
                }
            }
        }
        this.change(changes);
    }

    undo() {
        if (this.sheet.undo()) {
            this.refresh();
            this.saveSoon();
        }
    }

    toggleOneOff() {
        const cell = this.cell;
        if (cell && this.canEdit) {
            const planned = cell.present;
            this.change([{...this.place(cell), planned, oneOff: !cell.oneOff}]);
        }
        this.focus();
    }

    onNote(ev) {
        const cell = this.cell;
        if (cell && this.canEdit) {
            const planned = cell.present;
            this.change([{...this.place(cell), planned, note: ev.target.value.trim()}]);
        }
    }

    change(changes) {
        if (!changes.length) {
            return;
        }
        this.sheet.change(changes);
        this.refresh();
        this.saveSoon();
    }

    // Saving ---------------------------------------------------------------------

    saveSoon() {
        this.state.saving = "wait";
        browser.clearTimeout(this.timer);
        this.timer = browser.setTimeout(() => this.save(), SAVE_AFTER);
    }

    async save() {
        browser.clearTimeout(this.timer);
        // One after another: an older figure may not overtake a newer one.
        while (this.running) {
            await this.running;
        }
        if (!this.sheet.dirty.size) {
            return;
        }
        const cells = this.sheet.takeDirty();
        this.state.saving = "wait";
        this.running = this.orm.call("clinic.budget", "save_cells", [
            [this.budgetId],
            cells,
        ]);
        try {
            const {conflicts} = await this.running;
            this.sheet.saved(cells, conflicts);
            if (conflicts.length) {
                this.notification.add(
                    _t(
                        "Somebody changed these figures meanwhile: what is saved is shown now. Check them."
                    ),
                    {type: "warning"}
                );
                this.refresh();
            }
            this.state.saving = this.sheet.dirty.size ? "wait" : "done";
        } catch (error) {
            this.sheet.notSaved(cells);
            this.state.saving = "failed";
            throw error;
        } finally {
            this.running = null;
        }
    }

    async leave() {
        memory[this.budgetId] = {
            row: this.state.row,
            column: this.state.column,
            view: this.state.view,
            compared: this.state.compared,
            collapsed: [...this.collapsed],
        };
        if (this.sheet) {
            await this.save();
        }
    }

    // Buttons --------------------------------------------------------------------

    toggle(id) {
        if (this.collapsed.has(id)) {
            this.collapsed.delete(id);
        } else {
            this.collapsed.add(id);
        }
        this.refresh();
    }

    toggleMeasure(measure) {
        const chosen = new Set(this.state.measures);
        if (chosen.has(measure) && chosen.size > 1) {
            chosen.delete(measure);
        } else {
            chosen.add(measure);
        }
        const month = this.currentColumn.month;
        this.state.measures = MEASURES.filter((one) => chosen.has(one));
        this.keep("measures");
        this.refresh();
        const index = this.columns.findIndex((column) => column.month === month);
        this.moveTo(this.state.row, Math.max(index, 0));
        this.focus();
    }

    keep(name) {
        browser.localStorage.setItem(STORE + name, JSON.stringify(this.state[name]));
    }

    toggleOption(name) {
        this.state[name] = !this.state[name];
        this.keep(name);
        this.refresh();
    }

    onBranch(ev) {
        const {value} = ev.target;
        this.state.view = value === "all" ? "all" : Number(value) || false;
        this.refresh();
        this.focus();
    }

    async onCompare(ev) {
        await this.save();
        this.state.compared = Number(ev.target.value) || false;
        await this.load();
        this.focus();
    }

    async openEntries() {
        const {currentRow: row, currentColumn: column} = this;
        if (!row.items || !this.amountAt(row, column)) {
            return;
        }
        await this.save();
        const month = column.month < 0 ? false : this.sheet.months[column.month].key;
        this.action.doAction(
            await this.orm.call("clinic.budget", "action_entries", [
                [this.budgetId],
                row.items,
                this.state.view,
                month,
            ])
        );
    }

    openForm() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "clinic.budget",
            res_id: this.budgetId,
            views: [[false, "form"]],
        });
    }

    async copyBudget() {
        await this.save();
        this.action.doAction("clinic_finance.action_clinic_budget_copy", {
            additionalContext: {default_budget_id: this.budgetId},
        });
    }

    async exportXlsx() {
        await this.save();
        await download({
            url: `/clinic_finance/budget/${this.budgetId}/xlsx`,
            data: {},
        });
    }

    approve() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Approve the budget?"),
            body: _t(
                "The figures will be locked: to change them a new version has to be made."
            ),
            confirmLabel: _t("Approve"),
            confirm: async () => {
                await this.orm.call("clinic.budget", "action_approve", [
                    [this.budgetId],
                ]);
                await this.load();
            },
            cancel: () => {},
        });
    }

    async newVersion() {
        this.action.doAction(
            await this.orm.call("clinic.budget", "action_new_version", [
                [this.budgetId],
            ])
        );
    }
}

registry.category("actions").add("clinic_budget_grid", BudgetGrid);
