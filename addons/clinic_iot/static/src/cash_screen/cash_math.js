/** Arithmetic of the cash screen, in whole kopecks. */

/** Return the kopecks that were typed ("1 500,5"), NaN if it is no sum. */
export function parseSum(text) {
    const clean = String(text ?? "")
        .replace(/[\s\u00a0\u202f]/g, "")
        .replace(",", ".");
    if (!clean) {
        return 0;
    }
    return /^\d+(\.\d{0,2})?$/.test(clean) ? Math.round(Number(clean) * 100) : NaN;
}

/** Return kopecks as they are typed. */
export function typedSum(kopecks) {
    return kopecks ? (kopecks / 100).toFixed(2).replace(/\.00$/, "") : "";
}

export const toKopecks = (amount) => Math.round((amount || 0) * 100);

/**
 * Return what comes of the sums that were typed.
 *
 * @param {Object} values kopecks: due, free (on the account), cash, card, given,
 *     debts (what is billed beside that: whatever is left over pays it first)
 */
export function reckon({due, free, cash, card, given, debts = 0}) {
    const taken = cash + card;
    const over = Math.max(taken - due, 0);
    const rest = Math.max(due - taken, 0);
    const fromAccount = Math.min(rest, free);
    return {
        taken,
        fromAccount,
        unpaid: rest - fromAccount,
        forDebts: Math.min(over, debts),
        advance: Math.max(over - debts, 0),
        change: given ? Math.max(given - cash, 0) : 0,
        short: given ? Math.max(cash - given, 0) : 0,
        valid: [cash, card, given].every((sum) => Number.isInteger(sum)),
    };
}

/** From so many kopecks on, money that nothing is owed for is asked about. */
const ODD_ADVANCE = 100_000_00;

/** Tell whether more is to be taken for nothing than people bring by intention. */
export const isOdd = ({advance}) => advance >= ODD_ADVANCE;

/** Return the sum of `{value: pieces}`. */
export function countNotes(notes) {
    return Object.entries(notes).reduce(
        (sum, [value, pieces]) => sum + Number(value) * (pieces || 0),
        0
    );
}

/** Return a key that no other payment has. */
export function makeKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
