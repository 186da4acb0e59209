import {Component, onMounted, onPatched, useRef} from "@odoo/owl";
import {formatSum} from "./budget_math";

/** A row of the grid: drawn again only when it changed or has the cursor. */
export class BudgetRow extends Component {
    static template = "clinic_finance.BudgetRow";
    static props = {
        row: Object,
        values: Object,
        columns: Array,
        index: Number,
        unit: Number,
        from: Number,
        to: Number,
        at: Number,
        editing: [String, {value: null}],
        selectAll: Boolean,
        editable: Boolean,
        onCell: Function,
        onToggle: Function,
        onEditKey: Function,
        onEditBlur: Function,
    };

    setup() {
        this.inputRef = useRef("input");
        onMounted(() => this.focusInput());
        onPatched(() => this.focusInput());
    }

    focusInput() {
        const input = this.inputRef.el;
        if (input && document.activeElement !== input) {
            input.focus();
            if (input.dataset.select) {
                input.select();
            } else {
                input.setSelectionRange(input.value.length, input.value.length);
            }
        }
    }

    amount(column) {
        const {values} = this.props;
        return column.month < 0
            ? values.totals[column.measure]
            : values[column.measure][column.month];
    }

    text(column) {
        return formatSum(
            this.amount(column),
            this.props.unit,
            ["before", "planned", "change"].includes(column.measure)
        );
    }

    /** The exact sum, for who points at a rounded one. */
    hint(column) {
        const note = column.month >= 0 && this.props.values.notes?.[column.month];
        const exact = formatSum(this.amount(column), this.props.unit, true);
        return [exact, note].filter(Boolean).join("\n");
    }

    classes(column, index) {
        const {row, values, from, to, at} = this.props;
        const amount = this.amount(column);
        const names = [`o_cbg_${column.measure}`];
        if (column.month < 0) {
            names.push("o_cbg_sum");
        }
        if (column.isFirst) {
            names.push("o_cbg_first");
        }
        if (["change", "deviation"].includes(column.measure) && amount) {
            const isGood = row.kind === "income" ? amount > 0 : amount < 0;
            names.push(isGood ? "text-success" : "text-danger");
        }
        if (column.measure === "actual" && amount && row.items) {
            names.push("o_cbg_link");
        }
        if (column.measure === "planned" && column.month >= 0) {
            if (values.oneOff?.[column.month]) {
                names.push("o_cbg_one_off");
            }
            if (values.notes?.[column.month]) {
                names.push("o_cbg_noted");
            }
            if (row.leaf && this.props.editable) {
                names.push("o_cbg_editable");
            }
        }
        if (index >= from && index <= to) {
            names.push("o_cbg_selected");
        }
        if (index === at) {
            names.push("o_cbg_cursor");
        }
        return names.join(" ");
    }
}
