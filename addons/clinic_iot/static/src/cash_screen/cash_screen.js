import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    useRef,
    useState,
} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {browser} from "@web/core/browser/browser";
import {formatCurrency} from "@web/core/currency";
import {formatDate, deserializeDate} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";
import {useClinicIot} from "../clinic_iot_service";
import {isOdd, makeKey, parseSum, reckon, toKopecks, typedSum} from "./cash_math";
import {CashMove} from "./cash_move";
import {ShiftClose} from "./shift_close";

const MODEL = "clinic.cash.screen";
const DESK = "clinic_cash_desk";
const DRAWER = "clinic_cash_drawer_seen";
const ENDED = ["done", "failed", "unknown"];

/**
 * The cash screen: scan the act or find the patient, take the money, hand out the
 * receipt. Keyboard and scanner first; nothing here waits for a device.
 */
export class CashScreen extends Component {
    static template = "clinic_iot.CashScreen";
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.search = useRef("search");
        this.slip = useRef("slip");
        this.state = useState({
            desks: [],
            desk: false,
            choosing: false,
            text: "",
            people: null,
            person: false,
            chosen: {},
            cash: "",
            card: "",
            given: "",
            reference: "",
            contact: "",
            error: "",
            // What the register counts is told after an X report, until the next patient.
            asked: false,
            // The job of the drawer of whose failure the cashier has taken note.
            drawerSeen: Number(browser.localStorage.getItem(DRAWER)) || 0,
            // Asked for the number of the slip, which was left empty.
            wantsSlip: false,
            busy: false,
            terminal: false,
            receipts: [],
            done: false,
        });
        this.key = makeKey();
        useClinicIot({
            onJob: (message) => this.onJob(message),
            onDevice: () => this.refresh(),
        });
        const bus = useService("bus_service");
        const onScan = (message) => this.onScan(message);
        bus.subscribe("clinic_iot/scan", onScan);
        onWillUnmount(() => bus.unsubscribe("clinic_iot/scan", onScan));
        onWillStart(async () => {
            await this.load(Number(browser.localStorage.getItem(DESK)) || null);
            const cardJob = this.props.action.params?.card_job_id;
            if (cardJob && this.state.desk) {
                await this.openCard(cardJob);
            }
        });
        onMounted(() => this.focus());
    }

    call(method, ...args) {
        return this.orm.call(MODEL, method, args);
    }

    async load(deskId) {
        const values = await this.call("at_desk", deskId);
        this.state.desks = values.desks;
        this.currencyId = values.currency_id;
        this.notes = values.notes;
        this.setDesk(values.desk);
        this.state.choosing = !values.desk;
    }

    setDesk(desk) {
        this.state.desk = desk;
        if (desk) {
            browser.localStorage.setItem(DESK, desk.id);
        }
    }

    async chooseDesk(desk) {
        await this.load(desk.id);
        this.focus();
    }

    async refresh() {
        if (this.state.desk) {
            this.state.desk = await this.call("state", this.state.desk.id);
        }
    }

    focus() {
        this.search.el?.focus();
        this.search.el?.select();
    }

    money(amount) {
        return formatCurrency(amount, this.currencyId);
    }

    sum(kopecks) {
        return this.money(kopecks / 100);
    }

    day(text) {
        return text ? formatDate(deserializeDate(text)) : "";
    }

    // Finding -------------------------------------------------------------------------

    onScan({device_id: deviceId, code}) {
        if (this.state.desk && this.state.desk.scanner_id === deviceId) {
            this.state.text = code;
            this.find();
        }
    }

    onSearchKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.find();
        }
    }

    async find() {
        const text = this.state.text.trim();
        if (!text || this.state.busy || this.holdsOn()) {
            return;
        }
        const found = await this.call("find", text);
        if (found.people?.length) {
            this.next();
            this.state.text = text;
        }
        this.state.people = found.people || null;
        if (found.person) {
            this.show(found.person);
        }
    }

    /** While the terminal has the card of one patient, no other is shown. */
    holdsOn() {
        if (this.terminalIsBusy) {
            this.notification.add(
                _t("The terminal waits for the card: cancel it first, or wait."),
                {type: "warning"}
            );
        }
        return this.terminalIsBusy;
    }

    get terminalIsBusy() {
        return Boolean(
            this.state.terminal && !ENDED.includes(this.state.terminal.state)
        );
    }

    async open(partnerId) {
        this.show(await this.call("person", partnerId));
    }

    /** Show a patient; a scanned visit is to be paid alone, else all that is due. */
    show(person) {
        Object.assign(this.state, {
            person,
            asked: false,
            people: null,
            text: "",
            card: "",
            given: "",
            reference: "",
            wantsSlip: false,
            contact: "",
            error: "",
            done: false,
            receipts: [],
            terminal: false,
        });
        this.key = makeKey();
        this.state.chosen = Object.fromEntries(
            person.visits.map((visit) => [
                visit.id,
                !person.scanned || visit.id === person.scanned,
            ])
        );
        this.fill();
    }

    toggle(visit) {
        if (this.holdsOn()) {
            return;
        }
        Object.assign(this.state, {done: false, receipts: []});
        this.state.chosen[visit.id] = !this.state.chosen[visit.id];
        this.fill();
    }

    /** Show the same patient anew if the sums have changed, with what was typed. */
    async renew() {
        const {person: old, chosen, contact, reference, error} = this.state;
        const person = await this.call("person", old.id);
        const sums = ({visits, free, other_due: other}) =>
            JSON.stringify([visits.map(({id, due}) => [id, due]), free, other]);
        if (sums(person) === sums(old)) {
            return;
        }
        this.show(person);
        Object.assign(this.state, {contact, reference, error});
        for (const visit of person.visits) {
            this.state.chosen[visit.id] = visit.id in chosen ? chosen[visit.id] : false;
        }
        this.fill();
    }

    /** Put what is to be paid in the field for cash: the usual way. */
    fill() {
        const {due, free} = this.sums;
        this.state.cash = typedSum(Math.max(due - free, 0));
        this.state.card = "";
        this.state.given = "";
    }

    allByCard() {
        const {due, free} = this.sums;
        this.state.card = typedSum(Math.max(due - free, 0));
        this.state.cash = "";
        this.state.given = "";
    }

    /** What is left of the sum goes to the other way of payment. */
    onCard() {
        const card = parseSum(this.state.card);
        const {due, free} = this.sums;
        if (Number.isInteger(card)) {
            this.state.cash = typedSum(Math.max(due - free - card, 0));
        }
    }

    get visits() {
        return this.state.person.visits.filter((visit) => this.state.chosen[visit.id]);
    }

    get sums() {
        const person = this.state.person;
        const visits = person ? this.visits : [];
        const alone = visits.length === 1 && visits[0].id === person.scanned;
        const all = person && !alone && visits.length === person.visits.length;
        const other = all ? toKopecks(person.other_due) : 0;
        const due = visits.reduce((sum, visit) => sum + toKopecks(visit.due), other);
        const left = person
            ? person.visits.filter((one) => one.billed && !this.state.chosen[one.id])
            : [];
        const values = {
            due,
            other,
            debts:
                left.reduce((sum, visit) => sum + toKopecks(visit.due), 0) +
                (person && !all ? toKopecks(person.other_due) : 0),
            free: person ? toKopecks(person.free) : 0,
            cash: parseSum(this.state.cash),
            card: parseSum(this.state.card),
            given: parseSum(this.state.given),
        };
        return {...values, ...reckon(values)};
    }

    get payLabel() {
        const {taken, fromAccount} = this.sums;
        return taken || !fromAccount
            ? _t("Take %s", this.sum(taken || 0))
            : _t("Pay from the account");
    }

    get canPay() {
        const {valid, taken, fromAccount, short} = this.sums;
        return valid && !short && (taken || fromAccount) && !this.state.busy;
    }

    /** The terminal asks for the card by itself, unless it stands alone. */
    get usesTerminal() {
        const terminal = this.state.desk.terminal;
        return terminal && !terminal.manual && terminal.online && this.sums.card;
    }

    /** A terminal of the desk that is not asked by itself: its slip is typed. */
    get byHand() {
        return Boolean(
            this.state.desk.terminal && this.sums.card && !this.usesTerminal
        );
    }

    /** Ask for the number of the slip where nothing else tells of the card. */
    slipIsMissing() {
        this.state.wantsSlip = this.byHand && !this.state.reference.trim();
        if (this.state.wantsSlip) {
            this.slip.el?.focus();
        }
        return this.state.wantsSlip;
    }

    // Paying --------------------------------------------------------------------------

    onPayKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.pay();
        }
    }

    async pay() {
        if (!this.canPay || this.slipIsMissing()) {
            return;
        }
        if (isOdd(this.sums) && !(await this.confirmOdd())) {
            return;
        }
        this.state.error = "";
        if (this.usesTerminal && !this.state.reference) {
            await this.askTerminal();
            return;
        }
        await this.book();
    }

    /** A figure too many, or a barcode read into the field of a sum: ask first. */
    confirmOdd() {
        const {taken, advance} = this.sums;
        return new Promise((resolve) => {
            this.dialog.add(
                ConfirmationDialog,
                {
                    title: _t("Is the sum right?"),
                    body: _t(
                        "%(taken)s are taken, and %(advance)s of them are owed for nothing: they stay on the account.",
                        {taken: this.sum(taken), advance: this.sum(advance)}
                    ),
                    confirmLabel: _t("Take %s", this.sum(taken)),
                    confirm: () => resolve(true),
                    cancel: () => resolve(false),
                },
                {onClose: () => resolve(false)}
            );
        });
    }

    /** What is to be paid and how, and what was due when it was shown. */
    get order() {
        const {cash, card, given, other, free} = this.sums;
        return {
            key: this.key,
            desk_id: this.state.desk.id,
            partner_id: this.state.person.id,
            visit_ids: this.visits.map((visit) => visit.id),
            dues: this.visits.map((visit) => [visit.id, toKopecks(visit.due)]),
            other,
            free,
            cash: cash / 100,
            card: card / 100,
            cash_given: given / 100,
            contact: this.state.contact,
            reference: this.state.reference,
        };
    }

    /** Book what was taken; the same key again takes nothing more. */
    async book(jobId) {
        this.state.busy = true;
        try {
            const order = {...this.order, terminal_job_id: jobId || 0};
            const result = await this.call("pay", order);
            this.state.done = this.sums;
            this.state.receipts = result.receipts;
            this.state.person = result.person;
            this.state.terminal = false;
            this.state.desk = result.desk;
            this.key = makeKey();
            this.focus();
        } catch (error) {
            await this.refused(error, !jobId);
        } finally {
            this.state.busy = false;
        }
    }

    /** Say why nothing was booked; another may have paid, so look what is due now. */
    async refused(error, mayRenew = true) {
        if (!error.data?.message) {
            throw error;
        }
        this.state.error = error.data.message;
        if (mayRenew) {
            await this.renew();
        }
    }

    async askTerminal() {
        this.attempt = (this.attempt || 0) + 1;
        this.state.busy = true;
        try {
            this.state.terminal = await this.call(
                "terminal",
                this.state.desk.id,
                this.sums.card / 100,
                `${this.key}:${this.attempt}`,
                this.state.person.id,
                this.order
            );
        } catch (error) {
            await this.refused(error);
            return;
        } finally {
            this.state.busy = false;
        }
        await this.followTerminal();
    }

    async followTerminal() {
        const job = this.state.terminal;
        if (!job || !ENDED.includes(job.state) || this.state.busy) {
            return;
        }
        if (job.state === "done") {
            await this.book(job.id);
        }
    }

    async cancelTerminal() {
        this.state.terminal = await this.call(
            "terminal_cancel",
            this.state.terminal.id
        );
        await this.followTerminal();
    }

    leaveTerminal() {
        this.state.terminal = false;
    }

    /** The terminal has taken it, says its slip: the cashier types the number. */
    async approveByHand() {
        if (!this.state.reference.trim()) {
            return;
        }
        if (this.state.terminal.state === "unknown") {
            // Settled with its job, so that nobody books it once more.
            this.state.terminal = await this.call(
                "approve_by_slip",
                this.state.terminal.id,
                this.state.reference.trim()
            );
            await this.followTerminal();
            return;
        }
        this.state.terminal = false;
        await this.book();
    }

    /** Show what a card has paid and nobody has booked: "Book it" does the rest. */
    async openCard(jobId) {
        if (this.holdsOn()) {
            return;
        }
        const {job, person} = await this.call("card", jobId);
        if (!person) {
            await this.action.doAction({
                type: "ir.actions.act_window",
                res_model: "clinic.iot.job",
                res_id: jobId,
                views: [[false, "form"]],
            });
            return;
        }
        this.show(person);
        const {due, free} = this.sums;
        const card = toKopecks(job.amount);
        this.state.card = typedSum(card);
        this.state.cash = typedSum(Math.max(due - free - card, 0));
        this.state.terminal = job;
    }

    get openCards() {
        const current = this.state.terminal && this.state.terminal.id;
        return this.state.desk.cards.filter((card) => card.id !== current);
    }

    next() {
        Object.assign(this.state, {
            person: false,
            people: null,
            text: "",
            receipts: [],
            done: false,
            error: "",
            terminal: false,
        });
        this.focus();
    }

    // Devices -------------------------------------------------------------------------

    async onJob(message) {
        const terminal = this.state.terminal;
        if (terminal && (message.missed || message.id === terminal.id)) {
            this.state.terminal = await this.call("job", terminal.id);
            await this.followTerminal();
        }
        const ids = this.state.receipts.map((receipt) => receipt.id);
        if (ids.length) {
            this.state.receipts = await this.call("receipts", ids);
        }
        // What is not known for the time being is told as well.
        const told = message.settled || ENDED.includes(message.state);
        if (message.missed || told || message.state === "queued") {
            await this.refresh();
        }
    }

    async openDrawer() {
        await this.call("open_drawer", this.state.desk.id);
        this.notification.add(_t("The drawer is being opened."), {type: "info"});
    }

    /** Told until it works again, or until somebody says that he knows. */
    get shutDrawer() {
        const {drawer} = this.state.desk;
        return drawer && drawer.job_id !== this.state.drawerSeen ? drawer : false;
    }

    leaveDrawer() {
        this.state.drawerSeen = this.state.desk.drawer.job_id;
        browser.localStorage.setItem(DRAWER, this.state.drawerSeen);
    }

    async printLabel() {
        await this.call("print_label", this.state.desk.id, this.state.person.id);
        this.notification.add(_t("The label is being printed."), {type: "info"});
    }

    async openShift() {
        this.state.desk = await this.call("shift_open", this.state.desk.id);
        this.focus();
    }

    async printX() {
        this.state.asked = true;
        await this.call("shift_x", this.state.desk.id);
        this.notification.add(_t("The register prints the report."), {type: "info"});
    }

    async moveCash() {
        const {expected} = await this.call("shift_figures", this.state.desk.id);
        this.dialog.add(CashMove, {
            deskId: this.state.desk.id,
            currencyId: this.currencyId,
            inDrawer: expected,
            onMoved: (desk) => {
                this.state.desk = desk;
                this.notification.add(_t("Booked."), {type: "success"});
            },
        });
    }

    closeShift() {
        this.dialog.add(ShiftClose, {
            deskId: this.state.desk.id,
            notes: this.notes,
            currencyId: this.currencyId,
            onClosed: async (result) => {
                this.state.desk = result.desk;
                await this.action.doAction({
                    type: "ir.actions.act_window",
                    res_model: "clinic.cash.shift",
                    res_id: result.shift_id,
                    views: [[false, "form"]],
                });
            },
        });
    }

    openReceipts() {
        this.action.doAction("clinic_iot.action_clinic_fiscal_receipt_open");
    }

    openReceipt(receipt) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "clinic.fiscal.receipt",
            res_id: receipt.id,
            views: [[false, "form"]],
        });
    }

    sendReceipt(receipt) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Send the Receipt"),
            res_model: "clinic.fiscal.receipt.send",
            views: [[false, "form"]],
            target: "new",
            context: {default_receipt_id: receipt.id},
        });
    }

    qr(receipt) {
        const value = encodeURIComponent(receipt.check);
        return `/report/barcode/?barcode_type=QR&value=${value}&width=160&height=160`;
    }

    stateWords(receipt) {
        return {
            queued: _t("Waits for the printer"),
            printing: _t("Is being printed"),
            done: _t("Printed"),
            failed: _t("Not printed"),
            unknown: _t("It is not known whether it was printed"),
        }[receipt.state];
    }
}

registry.category("actions").add("clinic_iot.cash_screen", CashScreen);
