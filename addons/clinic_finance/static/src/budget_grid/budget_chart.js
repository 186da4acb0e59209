import {Component, onWillStart, onWillUnmount, useEffect, useRef} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatSum} from "./budget_math";
import {loadBundle} from "@web/core/assets";

/** Plan beside fact: of one row by months, or in a single month of the rows. */
export class BudgetChart extends Component {
    static template = "clinic_finance.BudgetChart";
    static props = {title: String, labels: Array, series: Object, unit: Number};

    setup() {
        this.canvasRef = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify([this.props.labels, this.props.series])]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    draw() {
        this.chart?.destroy();
        const {labels, series, unit} = this.props;
        const style = getComputedStyle(this.canvasRef.el);
        const color = style.getPropertyValue("color");
        const set = (label, values, background) => ({
            label,
            data: values.map((value) => value / unit),
            backgroundColor: background,
            borderRadius: 2,
            maxBarThickness: 36,
        });
        const show = (value) => formatSum(Math.round(value * unit), unit) || "0";
        this.chart = new window.Chart(this.canvasRef.el, {
            type: "bar",
            data: {
                labels,
                datasets: [
                    set(_t("Planned"), series.planned, "#9aa5b1"),
                    set(_t("Actual"), series.actual, "#0b7285"),
                    set(_t("Forecast"), series.forecast, "#7cc4d1"),
                ],
            },
            options: {
                responsive: true,
                maintainAspectRatio: false,
                animation: false,
                plugins: {
                    legend: {
                        position: "top",
                        align: "end",
                        labels: {color, boxWidth: 12},
                    },
                    tooltip: {
                        callbacks: {
                            label: ({dataset, parsed}) =>
                                `${dataset.label}: ${show(parsed.y)}`,
                        },
                    },
                },
                scales: {
                    x: {ticks: {color}, grid: {display: false}},
                    y: {ticks: {color, callback: show}},
                },
            },
        });
    }
}
