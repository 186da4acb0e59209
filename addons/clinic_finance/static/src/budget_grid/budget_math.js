/**
 * Figures of the budget grid: what people type, what a month comes to. Whole kopecks.
 */

const TOKEN = /\s*(?:(\d+(?:[.,]\d*)?|[.,]\d+)\s*([kкKК]?)|([-+*/()]))/y;

class Reader {
    constructor(text) {
        this.tokens = [];
        TOKEN.lastIndex = 0;
        // Spaces between digits are what separates thousands.
        const clean = text
            .replace(/[\s\u00a0\u202f]+/g, " ")
            .replace(/(\d) (?=\d)/g, "$1")
            .trim();
        while (TOKEN.lastIndex < clean.length) {
            const match = TOKEN.exec(clean);
            if (!match) {
                throw new Error("not a number");
            }
            const [, number, thousand, sign] = match;
            this.tokens.push(
                sign || Number(number.replace(",", ".")) * (thousand ? 1000 : 1)
            );
        }
        this.place = 0;
    }

    take(...signs) {
        if (signs.includes(this.tokens[this.place])) {
            return this.tokens[this.place++];
        }
        return null;
    }

    sum() {
        let value = this.product();
        for (let sign = this.take("+", "-"); sign; sign = this.take("+", "-")) {
            const next = this.product();
            value = sign === "+" ? value + next : value - next;
        }
        return value;
    }

    product() {
        let value = this.factor();
        for (let sign = this.take("*", "/"); sign; sign = this.take("*", "/")) {
            const next = this.factor();
            value = sign === "*" ? value * next : value / next;
        }
        return value;
    }

    factor() {
        if (this.take("-")) {
            return -this.factor();
        }
        if (this.take("+")) {
            return this.factor();
        }
        if (this.take("(")) {
            const value = this.sum();
            if (!this.take(")")) {
                throw new Error("no bracket");
            }
            return value;
        }
        const value = this.tokens[this.place++];
        if (typeof value !== "number") {
            throw new Error("not a number");
        }
        return value;
    }

    all() {
        const value = this.sum();
        if (this.place < this.tokens.length || !Number.isFinite(value)) {
            throw new Error("not a number");
        }
        return value;
    }
}

/**
 * Return whole kopecks of what was typed, or null if it is no sum.
 *
 * "1 234,50", "=12*4500", "35к" (thousands), "+10%" and "-5%" of what is there.
 */
export function parseSum(text, present = 0, unit = 100) {
    const typed = text.trim();
    if (!typed) {
        return 0;
    }
    const percent = /^([-+])\s*(\d+(?:[.,]\d*)?)\s*%$/.exec(typed);
    if (percent) {
        const share = Number(percent[2].replace(",", ".")) / 100;
        return Math.round(present * (percent[1] === "+" ? 1 + share : 1 - share));
    }
    try {
        const value = new Reader(typed.replace(/^=/, "")).all();
        return Math.round(value * unit);
    } catch {
        return null;
    }
}

/** The same as tools/budget.py: what the month will come to. `done`: from 0 to 1. */
export function forecastOf(planned, actual, done, byPace) {
    if (done === 1) {
        return actual;
    }
    if (done === 0) {
        return planned;
    }
    if (!byPace) {
        const isFurther = Math.abs(actual) > Math.abs(planned) || actual * planned < 0;
        return isFurther ? actual : planned;
    }
    const trust = planned ? done : 1;
    const daily = (trust * actual) / done + (1 - trust) * planned;
    return actual + Math.round((1 - done) * daily);
}

const formats = {};

/** Return a sum for people: kopecks only where there are any and they are wanted. */
export function formatSum(amount, unit = 100, exact = false) {
    if (!amount) {
        return "";
    }
    const isWhole = amount % unit === 0 || !exact;
    const digits = isWhole ? 0 : Math.round(Math.log10(unit));
    const lang = document.documentElement.lang || "ru";
    const key = `${lang}${digits}`;
    formats[key] ||= new Intl.NumberFormat(lang, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
    });
    return formats[key].format(amount / unit);
}

/** Return what was copied from a table program, as rows of texts. */
export function parseTable(text) {
    const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
    return lines.map((line) => line.split("\t"));
}
