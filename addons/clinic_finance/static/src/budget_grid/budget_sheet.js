import {_t} from "@web/core/l10n/translation";
import {forecastOf} from "./budget_math";

export const MEASURES = ["planned", "actual", "deviation", "forecast"];
// What stands beside the plan while another version is compared.
export const COMPARED = ["before", "change"];
const SUMS = ["before", "planned", "actual", "forecast"];
const KINDS = ["income", "expense"];

/** The figures of one budget: rows, totals, what was changed and not yet saved. */
export class BudgetSheet {
    constructor(data) {
        this.data = data;
        this.months = data.months;
        this.cells = new Map();
        for (const cell of data.cells) {
            this.cells.set(this.key(cell.item, cell.branch, cell.month), {
                ...cell,
                saved: cell.planned,
            });
        }
        this.dirty = new Map();
        this.undone = [];
        this.items = new Map(data.items.map((item) => [item.id, item]));
        this.previous = new Map();
    }

    key(item, branch, month) {
        return `${item}|${branch || 0}|${month}`;
    }

    cell(item, branch, month) {
        return this.cells.get(this.key(item, branch, month));
    }

    /** Return the branches that a view takes together: all, or one, or none. */
    branchesOf(view) {
        if (view !== "all") {
            return [view || false];
        }
        return [false, ...this.data.branches.map((branch) => branch.id)];
    }

    /** Whether the planned figures of this view can be typed in. */
    canEdit(view) {
        return this.data.canEdit && !(this.data.byBranch && view === "all");
    }

    /**
     * Return the rows to show, each with its figures by measure and month.
     *
     * The figures of a row that did not change are the same object as before, so that
     * only changed rows are drawn again.
     */
    rows({view, collapsed, hideEmpty}) {
        const branches = this.branchesOf(view);
        const figures = new Map();
        for (const item of this.data.items) {
            if (item.leaf) {
                this.addUp(figures, item, this.leafFigures(item, branches));
            }
        }
        const rows = [];
        const result = this.zeros();
        for (const kind of KINDS) {
            const total = this.zeros();
            const others = this.otherFigures(kind, branches);
            const members = [];
            for (const item of this.data.items.filter((one) => one.kind === kind)) {
                const values = figures.get(item.id) || this.zeros();
                if (!item.parent) {
                    this.add(total, values);
                }
                if (!this.isHidden(item, collapsed) && !(hideEmpty && isZero(values))) {
                    members.push({
                        id: item.id,
                        type: "item",
                        kind,
                        name: item.name,
                        code: item.code,
                        level: item.level,
                        leaf: item.leaf,
                        collapsed: collapsed.has(item.id),
                        items: item.leaf ? item.id : this.leavesOf(item.id),
                        values,
                    });
                }
            }
            this.add(total, others);
            rows.push(...members);
            if (!isZero(others)) {
                rows.push({
                    id: `other_${kind}`,
                    type: "other",
                    kind,
                    name: kind === "income" ? _t("Other income") : _t("Other expenses"),
                    title: _t("Entries that no budget item takes"),
                    level: 0,
                    items: kind,
                    values: others,
                });
            }
            rows.push({
                id: `total_${kind}`,
                type: "total",
                kind,
                name: kind === "income" ? _t("Income, total") : _t("Expenses, total"),
                level: 0,
                values: total,
            });
            this.add(result, total, kind === "income" ? 1 : -1);
        }
        rows.push({
            id: "result",
            type: "result",
            kind: "income",
            name: _t("Result"),
            level: 0,
            values: result,
        });
        for (const row of rows) {
            row.values = this.remember(`${view}|${row.id}`, this.finish(row));
        }
        return rows;
    }

    zeros() {
        const zero = () => this.months.map(() => 0);
        return Object.fromEntries(SUMS.map((measure) => [measure, zero()]));
    }

    add(total, values, sign = 1) {
        for (const measure of SUMS) {
            values[measure].forEach((value, index) => {
                total[measure][index] += sign * value;
            });
        }
    }

    addUp(figures, item, values) {
        figures.set(item.id, values);
        let parent = this.items.get(item.parent);
        while (parent) {
            if (!figures.has(parent.id)) {
                figures.set(parent.id, this.zeros());
            }
            this.add(figures.get(parent.id), values);
            parent = this.items.get(parent.parent);
        }
    }

    leafFigures(item, branches) {
        const values = this.zeros();
        values.oneOff = this.months.map(() => false);
        values.notes = this.months.map(() => "");
        this.months.forEach((month, index) => {
            for (const branch of branches) {
                const cell = this.cell(item.id, branch, month.key);
                if (cell) {
                    values.before[index] += cell.before;
                    values.planned[index] += cell.planned;
                    values.actual[index] += cell.actual;
                    values.forecast[index] += forecastOf(
                        cell.planned,
                        cell.actual,
                        month.done,
                        item.byPace
                    );
                    values.oneOff[index] ||= cell.oneOff;
                    values.notes[index] ||= cell.note;
                }
            }
        });
        return values;
    }

    otherFigures(kind, branches) {
        const values = this.zeros();
        if (branches.includes(false)) {
            this.months.forEach((month, index) => {
                const cell = this.cell(kind, false, month.key);
                if (cell) {
                    values.actual[index] = cell.actual;
                    values.forecast[index] = forecastOf(
                        0,
                        cell.actual,
                        month.done,
                        false
                    );
                }
            });
        }
        return values;
    }

    /** Add what follows from the sums: differences, and the total of the months. */
    finish({values}) {
        const deviation = this.months.map((month, index) =>
            // What has not begun cannot deviate.
            month.done ? values.actual[index] - values.planned[index] : 0
        );
        const change = values.planned.map(
            (planned, index) => planned - values.before[index]
        );
        const all = {...values, change, deviation};
        const totals = {};
        for (const measure of [...MEASURES, ...COMPARED]) {
            totals[measure] = all[measure].reduce((sum, value) => sum + value, 0);
        }
        return {...all, totals};
    }

    remember(key, values) {
        const known = this.previous.get(key);
        const text = JSON.stringify(values);
        if (known?.text === text) {
            return known.values;
        }
        this.previous.set(key, {text, values});
        return values;
    }

    isHidden(item, collapsed) {
        let parent = this.items.get(item.parent);
        while (parent) {
            if (collapsed.has(parent.id)) {
                return true;
            }
            parent = this.items.get(parent.parent);
        }
        return false;
    }

    leavesOf(id) {
        const below = (one) => {
            const parent = this.items.get(one)?.parent;
            return parent === id || (parent && below(parent));
        };
        return this.data.items
            .filter((item) => item.leaf && below(item.id))
            .map((item) => item.id);
    }

    /** Change cells at once: `{item, branch, month, planned?, oneOff?, note?}`. */
    change(changes, isUndo = false) {
        const before = [];
        for (const change of changes) {
            const key = this.key(change.item, change.branch, change.month);
            let cell = this.cells.get(key);
            if (!cell) {
                cell = {
                    item: change.item,
                    branch: change.branch,
                    month: change.month,
                    planned: 0,
                    actual: 0,
                    before: 0,
                    oneOff: false,
                    note: "",
                    saved: 0,
                };
                this.cells.set(key, cell);
            }
            const old = {
                item: cell.item,
                branch: cell.branch,
                month: cell.month,
                planned: cell.planned,
                oneOff: cell.oneOff,
                note: cell.note,
            };
            Object.assign(cell, change);
            before.push(old);
            this.dirty.set(key, cell);
        }
        if (!isUndo && before.length) {
            this.undone.push(before);
        }
    }

    undo() {
        const before = this.undone.pop();
        if (before) {
            this.change(before, true);
        }
        return Boolean(before);
    }

    /** Return what is to be saved, and take it as being saved. */
    takeDirty() {
        const cells = [...this.dirty.values()];
        this.dirty.clear();
        return cells.map(({item, branch, month, planned, oneOff, note, saved}) => ({
            item,
            branch,
            month,
            planned,
            oneOff,
            note,
            was: saved,
        }));
    }

    /** Note what the server has now. */
    saved(sent, conflicts) {
        for (const one of sent) {
            const cell = this.cell(one.item, one.branch, one.month);
            cell.saved = one.planned;
        }
        for (const one of conflicts) {
            const cell = this.cell(one.item, one.branch, one.month);
            cell.saved = cell.planned = one.planned;
        }
    }

    /** Put back what could not be sent. */
    notSaved(sent) {
        for (const one of sent) {
            const key = this.key(one.item, one.branch, one.month);
            this.dirty.set(key, this.cells.get(key));
        }
    }
}

function isZero(values) {
    return ["before", "planned", "actual"].every((measure) =>
        values[measure].every((value) => !value)
    );
}
