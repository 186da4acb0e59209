import {
    Component,
    onMounted,
    onPatched,
    onWillStart,
    onWillUnmount,
    reactive,
    useRef,
    useState,
    useSubEnv,
} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {DateTimePicker} from "@web/core/datetime/datetime_picker";
import {KeepLast} from "@web/core/utils/concurrency";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {usePopover} from "@web/core/popover/popover_hook";
import {useService} from "@web/core/utils/hooks";
import {
    CELL,
    ZOOMS,
    cardAt,
    clamp,
    fits,
    fromUtc,
    hourMarks,
    hoursShown,
    load,
    mergeColumns,
    minuteAt,
    moveCursor,
    rowsOf,
    snap,
    spanLabel,
    timeLabel,
    toUtc,
} from "./board_geometry";
import {useArrivalScan} from "../desk/desk_views";
import {BoardColumn, BoardTimer} from "./board_column";
import {BoardDrag} from "./board_drag";
import {BoardPanel} from "./board_panel";
import {KeysDialog, RefusalDialog, SlotPopover, VisitPopover} from "./board_popovers";
import {ICONS, MOVABLE, STATES, STRETCHABLE, stateLabels} from "./board_words";

const {DateTime} = luxon;
const POLL = 60000;
const SETTLE = 250;
const DEFAULT_MINUTES = 30;
const STORE = "clinic_board.";

// Where somebody was, for the way back from a form.
const memory = {};

function stored(name, otherwise) {
    const value = browser.localStorage.getItem(STORE + name);
    return value === null ? otherwise : JSON.parse(value);
}

function store(name, value) {
    browser.localStorage.setItem(STORE + name, JSON.stringify(value));
}

class DayPopover extends Component {
    static template = "clinic_schedule.BoardDayPopover";
    static components = {DateTimePicker};
    static props = {
        day: Object,
        onSelect: Function,
        close: {type: Function, optional: true},
    };

    select(day) {
        this.props.close?.();
        this.props.onSelect(day);
    }
}

/** The day board: the screen the reception keeps open all day. */
export class ClinicBoard extends Component {
    static template = "clinic_schedule.Board";
    static components = {BoardColumn, BoardPanel, BoardTimer};
    static props = {...standardActionServiceProps};
    static displayName = _t("Day Board");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.bus = useService("bus_service");
        this.ui = useService("ui");
        this.rootRef = useRef("root");
        this.scrollRef = useRef("scroll");
        this.bodyRef = useRef("body");
        this.tick = reactive({minute: Date.now(), second: Date.now()});
        useSubEnv({boardTick: this.tick});
        this.clockState = useState(this.tick);
        this.labels = stateLabels();
        this.icons = ICONS;
        this.states = STATES;
        this.data = {columns: [], branches: [], views: [], clock: [], can: {}};
        // A link may name a day and a branch: /odoo/clinic-board?day=2027-03-28
        const link = new URLSearchParams(browser.location.search);
        this.state = useState({
            version: 0,
            branchId:
                Number(link.get("branch")) ||
                memory.branchId ||
                stored("branch", false),
            day: link.get("day") || memory.day || false,
            view: memory.view || stored("view", "specialist"),
            specialistId: memory.specialistId || false,
            zoom: stored("zoom", 1.7),
            allHours: false,
            idle: stored("idle", false),
            panel: stored("panel", false),
            filter: "",
            only: false,
            cursor: null,
            picked: null,
            row: 0,
            live: false,
            busy: false,
            said: "",
        });
        this.arrival = useArrivalScan(() => this.load(true));
        this.keepLast = new KeepLast();
        this.drag = new BoardDrag(this);
        this.visitPopover = usePopover(VisitPopover, {
            position: "right-start",
            popoverClass: "o_cb_popover",
            onClose: () => (this.openCard = null),
        });
        this.slotPopover = usePopover(SlotPopover, {
            position: "right-start",
            popoverClass: "o_cb_popover",
            onClose: () => this.clearSelection(),
        });
        this.dayPopover = usePopover(DayPopover, {position: "bottom"});
        this.onBus = this.onBus.bind(this);
        this.onKeydown = this.onKeydown.bind(this);
        onWillStart(() => this.load());
        onMounted(() => this.start());
        onPatched(() => this.keepPopover());
        onWillUnmount(() => this.stop());
    }

    // Life ------------------------------------------------------------------

    start() {
        this.bus.subscribe("clinic_board", this.onBus);
        this.onLive = () => this.setLive(true);
        this.onDead = () => this.setLive(false);
        for (const name of ["BUS:CONNECT", "BUS:RECONNECT"]) {
            this.bus.addEventListener(name, this.onLive);
        }
        for (const name of ["BUS:DISCONNECT", "BUS:RECONNECTING"]) {
            this.bus.addEventListener(name, this.onDead);
        }
        this.state.live = this.bus.workerState === "CONNECTED";
        this.listen();
        this.timers = [
            setInterval(() => this.onSecond(), 1000),
            setInterval(() => !this.state.live && this.load(true), POLL),
        ];
        window.addEventListener("keydown", this.onKeydown);
        document.body.classList.add("o_cb_open");
        this.scrollToStart();
    }

    stop() {
        this.bus.unsubscribe("clinic_board", this.onBus);
        for (const name of ["BUS:CONNECT", "BUS:RECONNECT"]) {
            this.bus.removeEventListener(name, this.onLive);
        }
        for (const name of ["BUS:DISCONNECT", "BUS:RECONNECTING"]) {
            this.bus.removeEventListener(name, this.onDead);
        }
        this.listen(false);
        this.timers.forEach(clearInterval);
        clearTimeout(this.soon);
        window.removeEventListener("keydown", this.onKeydown);
        document.body.classList.remove("o_cb_open");
        this.drag.end();
        const {branchId, day, view, specialistId} = this.state;
        Object.assign(memory, {branchId, day, view, specialistId});
        if (this.scroller) {
            memory.scroll = [this.scroller.scrollLeft, this.scroller.scrollTop];
        }
    }

    /** Listen to the changes of the branch that is shown, and of no other. */
    listen(on = true) {
        const channel = on ? `clinic_board_${this.data.branch_id}` : null;
        if (channel !== this.channel) {
            if (this.channel) {
                this.bus.deleteChannel(this.channel);
            }
            if (channel) {
                this.bus.addChannel(channel);
            }
            this.channel = channel;
        }
    }

    setLive(live) {
        const back = live && !this.state.live;
        this.state.live = live;
        if (back) {
            this.loadSoon();
        }
    }

    onBus({branch_id, first, last}) {
        this.state.live = true;
        const days = this.data.columns.map((column) => column.day);
        const shown = days.some((day) => first <= day && day <= last);
        if (branch_id === this.data.branch_id && shown) {
            this.loadSoon();
        }
    }

    onSecond() {
        const now = Date.now() + this.skew;
        this.tick.second = now;
        if (now - this.tick.minute > 15000) {
            this.tick.minute = now;
        }
    }

    loadSoon() {
        clearTimeout(this.soon);
        this.soon = setTimeout(() => this.load(true), SETTLE);
    }

    async load(silent = false) {
        const {branchId, day, view, specialistId} = this.state;
        const orm = silent ? this.orm.silent : this.orm;
        const call = orm.call("clinic.board", "get_board", [
            branchId || null,
            day || null,
            view,
            specialistId || null,
        ]);
        const data = await this.keepLast.add(silent ? call.catch(() => null) : call);
        if (data) {
            this.take(data);
        }
    }

    /** Show a board: what has not changed is not drawn again. */
    take(data) {
        const same =
            data.branch_id === this.data.branch_id &&
            data.day === this.data.day &&
            data.view === this.data.view;
        data.columns = mergeColumns(same ? this.data.columns : [], data.columns);
        this.data = data;
        store("branch", data.branch_id);
        this.skew = fromUtc(data.now) - Date.now();
        this.tick.minute = this.tick.second = fromUtc(data.now);
        Object.assign(this.state, {
            branchId: data.branch_id,
            day: data.day,
            view: data.view,
            version: this.state.version + 1,
        });
        if (this.scroller) {
            this.listen();
        }
    }

    keepPopover() {
        // The card under an open popover may have gone to another place.
        if (this.openCard && !this.openCard.isConnected) {
            this.visitPopover.close();
        }
    }

    // What is shown ---------------------------------------------------------

    get root() {
        return this.rootRef.el;
    }

    get scroller() {
        return this.scrollRef.el;
    }

    get body() {
        return this.bodyRef.el;
    }

    get zoom() {
        return this.state.zoom;
    }

    get clock() {
        return this.data.clock;
    }

    get isWeek() {
        return this.state.view === "week";
    }

    get columns() {
        const {filter, idle, version, view} = this.state;
        const key = [filter, idle, version, view].join("|");
        if (this.columnsKey !== key) {
            const words = filter.trim().toLowerCase();
            this.columnsKey = key;
            this.shownColumns = this.data.columns.filter((column) => {
                const works =
                    view !== "specialist" ||
                    idle ||
                    column.shifts.length ||
                    column.cards.length;
                const text = `${column.name} ${column.about}`.toLowerCase();
                return works && (!words || text.includes(words));
            });
        }
        return this.shownColumns;
    }

    get hiddenCount() {
        return this.data.columns.filter((c) => !c.shifts.length && !c.cards.length)
            .length;
    }

    get hours() {
        const {columns} = this; // first, for it may change the key
        const key = [this.columnsKey, this.state.allHours].join();
        if (this.hoursKey !== key) {
            this.hoursKey = key;
            this.shownHours = hoursShown(
                columns,
                this.data.length,
                this.state.allHours
            );
        }
        return this.shownHours;
    }

    get marks() {
        return hourMarks(...this.hours, this.clock);
    }

    get bodyStyle() {
        const [from, to] = this.hours;
        return `height:${(to - from) * this.zoom}px;--cb-hour:${60 * this.zoom}px;`;
    }

    get counts() {
        if (this.countsVersion !== this.state.version) {
            this.countsVersion = this.state.version;
            this.shownCounts = {};
            const seen = new Set();
            for (const column of this.data.columns) {
                for (const card of column.cards) {
                    if (!seen.has(card.id)) {
                        seen.add(card.id);
                        const state = card.alert || card.state;
                        this.shownCounts[state] = (this.shownCounts[state] || 0) + 1;
                    }
                }
            }
        }
        return this.shownCounts;
    }

    get dayWords() {
        const day = DateTime.fromISO(this.data.day);
        if (this.isWeek) {
            const monday = day.startOf("week");
            const sunday = monday.plus({days: 6});
            return `${monday.toFormat("d MMM")} – ${sunday.toFormat("d MMM yyyy")}`;
        }
        return day.toFormat(this.ui.isSmall ? "ccc, d MMM" : "cccc, d MMMM yyyy");
    }

    get isToday() {
        return this.data.day === this.data.today;
    }

    get viewLabels() {
        return {
            specialist: _t("Specialists"),
            room: _t("Rooms"),
            device: _t("Devices"),
            week: _t("Week"),
        };
    }

    get viewsOffered() {
        return this.data.views.filter((view) => view !== "week");
    }

    get weekOf() {
        return this.isWeek && this.data.columns.length ? this.data.columns[0].name : "";
    }

    headName(column) {
        return this.isWeek
            ? DateTime.fromISO(column.day).toFormat("ccc, d MMM")
            : column.name;
    }

    headTitle(column) {
        return this.state.view === "specialist"
            ? _t("%s: the week", column.name)
            : this.headName(column);
    }

    get liveTitle() {
        return this.state.live
            ? _t("Changes of others appear at once")
            : _t("Changes of others appear within a minute");
    }

    headAbout(column) {
        const rooms = [...new Set(column.shifts.map((s) => s.room).filter(Boolean))];
        const words = this.isWeek ? [] : [column.about];
        if (this.state.view === "specialist" || this.isWeek) {
            words.push(rooms.join(", "));
        }
        return words.filter(Boolean).join(" · ");
    }

    headLoad(column) {
        const {free, work, percent} = load(column);
        const hours = Math.floor(free / 60);
        const minutes = String(free % 60).padStart(2, "0");
        return {
            percent,
            work,
            title: work
                ? _t("Taken: %(percent)s%%. Free: %(time)s", {
                      percent,
                      time: `${hours}:${minutes}`,
                  })
                : _t("No shift this day"),
        };
    }

    isOwn(column) {
        return this.data.can.own_id && column.id === this.data.can.own_id;
    }

    isEditable(column) {
        const {book, own_id} = this.data.can;
        return Boolean(
            book ||
                (own_id &&
                    !["room", "device"].includes(this.state.view) &&
                    column.id === own_id)
        );
    }

    isNow(column) {
        return column.day === this.data.today;
    }

    get nowStyle() {
        const [from, to] = this.hours;
        const index = this.columns.findIndex((column) => this.isNow(column));
        if (index < 0) {
            return "";
        }
        let minute = minuteAt(
            this.columns[index],
            this.clockState.minute,
            this.data.length
        );
        if (minute === null || minute < from || minute > to) {
            return "";
        }
        if (this.isWeek) {
            minute = Math.round(minute);
        }
        return `top:${(minute - from) * this.zoom}px;`;
    }

    get nowWords() {
        const column = this.columns.find((one) => this.isNow(one));
        const minute =
            column && minuteAt(column, this.clockState.minute, this.data.length);
        return minute === null || minute === undefined
            ? ""
            : timeLabel(Math.floor(minute), this.clock);
    }

    scrollToStart() {
        const {scroller} = this;
        if (!scroller) {
            return;
        }
        if (memory.scroll) {
            scroller.scrollTo(...memory.scroll);
            memory.scroll = null;
            return;
        }
        const column = this.columns.find((one) => this.isNow(one));
        const now = column && minuteAt(column, this.tick.minute, this.data.length);
        if (now) {
            scroller.scrollTop = Math.max((now - this.hours[0] - 60) * this.zoom, 0);
        }
        const own = this.columns.findIndex((one) => this.isOwn(one) && !this.isWeek);
        if (own > 0) {
            const element = this.body.querySelector(`.o_cb_col[data-index="${own}"]`);
            scroller.scrollLeft = element.offsetLeft - 120;
        }
    }

    // Toolbar ---------------------------------------------------------------

    async goTo(values) {
        this.visitPopover.close();
        this.slotPopover.close();
        Object.assign(this.state, {...values, cursor: null});
        await this.load();
    }

    async onBranch(ev) {
        await this.goTo({branchId: Number(ev.target.value), row: 0});
    }

    async onView(view) {
        store("view", view);
        await this.goTo({view, row: 0});
    }

    onDay(days) {
        const step = this.isWeek ? days * 7 : days;
        const day = DateTime.fromISO(this.data.day).plus({days: step}).toISODate();
        return this.goTo({day});
    }

    onToday() {
        return this.goTo({day: this.data.today}).then(() => this.scrollToStart());
    }

    onPickDay(ev) {
        this.dayPopover.open(ev.currentTarget, {
            day: DateTime.fromISO(this.data.day),
            onSelect: (day) => this.goTo({day: day.toISODate()}),
        });
    }

    onHead(column) {
        if (this.isWeek) {
            return this.goTo({view: stored("view", "specialist"), day: column.day});
        }
        if (this.state.view === "specialist") {
            return this.goTo({view: "week", specialistId: column.id});
        }
        return undefined;
    }

    onBackFromWeek() {
        return this.goTo({view: "specialist"});
    }

    onZoom(step) {
        const {scroller, zoom} = this;
        const index = clamp(ZOOMS.indexOf(zoom) + step, 0, ZOOMS.length - 1);
        const middle = scroller
            ? (scroller.scrollTop + scroller.clientHeight / 2) / zoom
            : 0;
        this.state.zoom = ZOOMS[index];
        store("zoom", this.state.zoom);
        requestAnimationFrame(() => {
            if (scroller) {
                scroller.scrollTop =
                    middle * this.state.zoom - scroller.clientHeight / 2;
            }
        });
    }

    onWheel(ev) {
        if (ev.ctrlKey) {
            ev.preventDefault();
            this.onZoom(ev.deltaY < 0 ? 1 : -1);
        }
    }

    onOnly(state) {
        this.state.only = this.state.only === state ? false : state;
    }

    toggle(name) {
        this.state[name] = !this.state[name];
        if (name !== "allHours") {
            store(name, this.state[name]);
        }
    }

    onNewBooking() {
        return this.openBooking({});
    }

    onWalkIn() {
        return this.openBooking({}, "clinic_schedule.action_clinic_booking_walk_in");
    }

    onScan() {
        this.arrival.open(undefined, () => this.load(true));
    }

    onHelp() {
        this.dialog.add(KeysDialog, {});
    }

    // Pointers --------------------------------------------------------------

    findCard(id) {
        for (const column of this.columns) {
            const card = column.cards.find((one) => one.id === id);
            if (card) {
                return {column, card};
            }
        }
        return null;
    }

    onPointerDown(ev) {
        const home = ev.target.closest(".o_cb_col");
        if (!home || ev.button) {
            return;
        }
        const column = this.columns[Number(home.dataset.index)];
        const element = ev.target.closest("[data-visit]");
        if (element) {
            const {card} = this.findCard(Number(element.dataset.visit));
            this.grabCard(ev, card, column, home, element);
        } else if (ev.target.closest("[data-block], .o_cb_busy")) {
            this.drag.start(ev, {kind: "click", column, home});
        } else {
            const rect = this.body.getBoundingClientRect();
            const anchor = (ev.clientY - rect.top) / this.zoom + this.hours[0];
            const kind = this.isEditable(column) ? "select" : "click";
            this.drag.start(ev, {kind, column, home, anchor});
        }
    }

    grabCard(ev, card, column, home, element) {
        const rect = this.body.getBoundingClientRect();
        const minute = (ev.clientY - rect.top) / this.zoom + this.hours[0];
        const common = {column, home, card, element, label: card.patient};
        const mine = this.data.can.book || card.specialist_id === this.data.can.own_id;
        if (mine && ev.target.closest(".o_cb_edge") && STRETCHABLE.has(card.state)) {
            this.drag.start(ev, {...common, ...card, kind: "resize"});
        } else if (mine && MOVABLE.has(card.state)) {
            const length = card.stop - card.start;
            const grip = clamp(minute - card.start, 0, length);
            this.drag.start(ev, {...common, kind: "move", grip, length});
        } else {
            this.drag.start(ev, {...common, kind: "click"});
        }
    }

    /** Somebody is pulled out of the side panel. */
    onGrab(ev, who) {
        const length = who.minutes || DEFAULT_MINUTES;
        this.drag.start(ev, {kind: "new", who, length, grip: 0, label: who.label});
    }

    onDragStart() {
        this.visitPopover.close();
        this.slotPopover.close();
    }

    onBoardClick(ev, drag) {
        if (drag.card) {
            this.openVisit(drag.card, drag.element);
        } else if (drag.kind === "select") {
            const start = snap(drag.anchor, CELL);
            this.openSlot(drag.column, start, start + CELL, ev, true);
        } else if (drag.kind === "new") {
            this.onPick(drag.who);
        } else {
            const block = ev.target.closest("[data-block]");
            if (block) {
                this.openBlock({res_id: Number(block.dataset.block)});
            }
        }
    }

    onDblClick(ev) {
        const element = ev.target.closest("[data-visit]");
        if (element) {
            this.openForm(Number(element.dataset.visit));
        }
    }

    onDrop(drag, target) {
        const {column, start, stop} = target;
        if (drag.kind === "resize") {
            if (stop !== drag.card.stop) {
                this.stretch(drag.card, stop - start);
            }
        } else if (drag.kind === "move") {
            if (start !== drag.card.start || column !== drag.column) {
                this.moveVisit(drag.card, column, start);
            }
        } else if (drag.kind === "new") {
            this.place(drag.who, column, start);
        } else {
            this.openSlot(column, start, stop);
        }
    }

    // Popovers --------------------------------------------------------------

    openVisit(card, element) {
        this.openCard = element;
        this.visitPopover.open(element, {
            card,
            canBook: Boolean(this.data.can.book),
            onAction: (visit, action) => this.runAction(visit, action),
            onOpen: (visit) => this.openForm(visit.id),
            onPatient: (visit) => this.openPatient(visit.patient_id),
            onMove: () => this.pickVisit(card),
            onRepeat: (visit) =>
                this.openBooking({
                    default_patient_id: visit.patient_id,
                    default_service_id: visit.service_id,
                    default_specialist_id: card.specialist_id,
                }),
        });
    }

    /** Draw the free span, and ask what to do with it. */
    openSlot(column, start, stop, ev, isClick = false) {
        const {picked} = this.state;
        if (picked && isClick) {
            this.place(picked, column, start);
            return;
        }
        this.select(column, start, stop);
        const choices = [];
        if (picked) {
            choices.push({
                label: _t("Put here: %s", picked.label),
                icon: "fa-hand-o-down",
                run: () => this.place(picked, column, start),
            });
        }
        choices.push({
            label: _t("Book a visit"),
            icon: "fa-calendar-plus-o",
            run: () => this.bookAt(column, start),
        });
        if (this.data.can.block && this.state.view !== "device") {
            choices.push({
                label: _t("Block the time"),
                icon: "fa-ban",
                run: () => this.blockTime(column, start, stop),
            });
        }
        this.slotPopover.open(this.selection, {
            title: isClick
                ? timeLabel(start, this.clock)
                : spanLabel(start, stop, this.clock),
            subtitle: this.isWeek ? this.headName(column) : column.name,
            choices,
        });
    }

    select(column, start, stop) {
        this.clearSelection();
        const index = this.columns.indexOf(column);
        const home = this.body.querySelector(`.o_cb_col[data-index="${index}"]`);
        this.selection = document.createElement("div");
        this.selection.className = "o_cb_selection";
        Object.assign(this.selection.style, {
            left: `${home.offsetLeft}px`,
            width: `${home.offsetWidth}px`,
            top: `${(start - this.hours[0]) * this.zoom}px`,
            height: `${(stop - start) * this.zoom}px`,
        });
        this.body.append(this.selection);
    }

    clearSelection() {
        this.selection?.remove();
        this.selection = null;
    }

    // Changes ---------------------------------------------------------------

    /** Return what a column stands for in a move. */
    target(column) {
        if (this.state.view === "room") {
            return [null, column.id];
        }
        return this.state.view === "device" ? [null, null] : [column.id, null];
    }

    moveVisit(card, column, minute) {
        const [specialistId, roomId] = this.target(column);
        return this.change(
            "move_visit",
            [card.id, toUtc(column, minute), specialistId, roomId],
            _t("%(patient)s: moved to %(time)s", {
                patient: card.patient,
                time: timeLabel(minute, this.clock),
            }),
            (other) => [
                card.id,
                other.start,
                other.specialist_id,
                other.room_id || null,
            ]
        );
    }

    stretch(card, minutes) {
        return this.change(
            "resize_visit",
            [card.id, minutes],
            _t("%(patient)s: %(minutes)s minutes now", {patient: card.patient, minutes})
        );
    }

    place(who, column, minute) {
        const [specialistId, roomId] = this.target(column);
        if (who.type === "visit") {
            const found = this.findCard(who.id);
            this.state.picked = null;
            return this.moveVisit(found ? found.card : who.card, column, minute);
        }
        this.state.picked = null;
        if (who.type === "entry" && specialistId) {
            return this.change(
                "book_waiting",
                [who.id, toUtc(column, minute), specialistId, roomId],
                _t("%s: booked from the waiting list", who.label),
                (other) => [
                    who.id,
                    other.start,
                    other.specialist_id,
                    other.room_id || null,
                ]
            );
        }
        return this.bookAt(column, minute, {
            default_patient_id: who.patientId || who.id,
        });
    }

    /**
     * Do something on the server: tell what was done, with “Undo”, or why not, with
     * what is free instead.
     */
    async change(method, args, message, retry = null) {
        this.state.busy = true;
        let answer = null;
        try {
            answer = await this.orm.call("clinic.board", method, args);
        } finally {
            this.state.busy = false;
        }
        if (answer.action) {
            await this.openAction(answer.action);
        } else if (answer.ok) {
            this.tell(message, answer.undo);
        } else {
            this.dialog.add(RefusalDialog, {
                message: answer.message,
                alternatives: retry ? answer.alternatives : [],
                onChoose: (other) =>
                    this.change(
                        method,
                        retry(other),
                        _t("Done: %s", other.label),
                        retry
                    ),
            });
        }
        await this.load(true);
        return answer.ok;
    }

    tell(message, undo) {
        this.state.said = message;
        // What could be undone a moment ago no longer can, or no longer comes first.
        this.closeTold?.();
        this.lastUndo = undo || null;
        const buttons = [];
        if (undo) {
            buttons.push({
                name: _t("Undo"),
                icon: "fa-undo",
                onClick: () => this.undo(undo),
            });
        }
        this.closeTold = this.notification.add(message, {
            type: "success",
            className: "o_cb_told",
            autocloseDelay: 8000,
            buttons,
        });
    }

    async undo(undo = this.lastUndo) {
        if (undo) {
            this.lastUndo = null;
            const done = await this.change(undo.method, undo.args, _t("Taken back"));
            if (done) {
                this.lastUndo = null;
            }
        }
    }

    async runAction(visit, action) {
        if (action.kind === "state") {
            await this.change(
                "run",
                [visit.id, action.name],
                `${visit.patient}: ${action.label}`
            );
            return;
        }
        const result = await this.orm.call("clinic.appointment", action.name, [
            [visit.id],
        ]);
        await this.openAction(result);
    }

    async openAction(action, options = {}) {
        if (action && typeof action === "object") {
            await this.action.doAction(action, {
                ...options,
                onClose: (infos) => this.onDialogClosed(infos),
            });
        }
    }

    onDialogClosed(infos) {
        if (infos?.message) {
            const {change_ids: changes = []} = infos;
            const undo = {method: "undo", args: [changes]};
            this.tell(infos.message, changes.length ? undo : null);
        }
        this.load(true);
    }

    bookAt(column, minute, context = {}) {
        const [specialistId, roomId] = this.target(column);
        const start = toUtc(column, minute);
        const values = {default_date_from: column.day, ...context};
        if (specialistId) {
            values.default_specialist_id = specialistId;
            values.default_chosen = `${specialistId}|${roomId || 0}|${start}`;
        }
        return this.openBooking(values);
    }

    openBooking(context, dialog = "clinic_schedule.action_clinic_booking_wizard") {
        return this.action.doAction(dialog, {
            additionalContext: {
                clinic_board: true,
                default_branch_id: this.data.branch_id,
                default_date_from: this.data.day,
                ...context,
            },
            onClose: (infos) => this.onDialogClosed(infos),
        });
    }

    blockTime(column, start, stop) {
        const [specialistId, roomId] = this.target(column);
        return this.openBlock({
            context: {
                default_specialist_id: specialistId || false,
                default_room_id: roomId || false,
                default_start: toUtc(column, start),
                default_stop: toUtc(column, stop),
            },
        });
    }

    openBlock(values) {
        return this.openAction({
            type: "ir.actions.act_window",
            name: _t("Blocked Time"),
            res_model: "clinic.block",
            views: [[false, "form"]],
            target: "new",
            ...values,
        });
    }

    openForm(id) {
        this.visitPopover.close();
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "clinic.appointment",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openPatient(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    // Picked: cut, to be put somewhere --------------------------------------

    pickVisit(card) {
        this.onPick({type: "visit", id: card.id, card, label: card.patient});
        this.scroller?.focus({preventScroll: true});
    }

    onPick(who) {
        this.state.picked = who;
        if (who && !this.state.cursor && this.columns.length) {
            this.showCursor();
        }
        this.state.said = who ? _t("%s: choose a time", who.label) : "";
    }

    get pickedWords() {
        return _t("%s: choose a time", this.state.picked.label);
    }

    onDropPicked() {
        this.state.picked = null;
    }

    // Keyboard --------------------------------------------------------------

    get cursorCard() {
        const {cursor} = this.state;
        const column = cursor && this.columns[cursor.index];
        return column ? cardAt(column, cursor.minute) : null;
    }

    get cursorStyle() {
        const {cursor} = this.state;
        if (!cursor || !this.columns[cursor.index]) {
            return "display:none";
        }
        const card = this.cursorCard;
        const start = card ? card.start : cursor.minute;
        const stop = card ? card.stop : snap(cursor.minute, CELL) + CELL;
        return (
            `top:${(start - this.hours[0]) * this.zoom}px;` +
            `height:${(stop - start) * this.zoom}px;` +
            `left:calc(var(--cb-axis) + ${cursor.index} * (100% - var(--cb-axis)) / ${this.columns.length});` +
            `width:calc((100% - var(--cb-axis)) / ${this.columns.length});`
        );
    }

    get cursorWords() {
        const {cursor} = this.state;
        const column = cursor && this.columns[cursor.index];
        if (!column) {
            return "";
        }
        const name = this.isWeek ? this.headName(column) : column.name;
        const card = this.cursorCard;
        if (card) {
            return `${name}, ${spanLabel(card.start, card.stop, this.clock)}, ${card.patient_full}, ${card.service}, ${this.labels[card.alert || card.state]}`;
        }
        // Not within the literal: terms for translation are not found there.
        const state = fits(column, cursor.minute, cursor.minute + 5)
            ? _t("free")
            : _t("no shift");
        return `${name}, ${timeLabel(cursor.minute, this.clock)}, ${state}`;
    }

    showCursor() {
        const column = this.columns[0];
        const now = minuteAt(column, this.tick.minute, this.data.length);
        const [from, to] = this.hours;
        const minute = now && this.isToday ? snap(now, CELL) : from;
        this.setCursor({index: 0, minute: clamp(minute, from, to - CELL)});
    }

    setCursor(cursor) {
        this.state.cursor = cursor;
        const {scroller} = this;
        if (!scroller) {
            return;
        }
        const axis = 56;
        const head = scroller.querySelector(".o_cb_heads")?.offsetHeight || 0;
        const home = this.body.querySelector(`.o_cb_col[data-index="${cursor.index}"]`);
        const top = (cursor.minute - this.hours[0]) * this.zoom;
        const view = scroller.clientHeight - head - 60;
        if (top < scroller.scrollTop || top > scroller.scrollTop + view) {
            scroller.scrollTop = top - view / 3;
        }
        const left = home.offsetLeft - axis;
        const right = home.offsetLeft + home.offsetWidth - scroller.clientWidth;
        scroller.scrollLeft = clamp(scroller.scrollLeft, right, left);
    }

    onKeydown(ev) {
        const busy =
            ev.defaultPrevented ||
            this.ui.activeElement !== document ||
            ev.target.closest("input, select, textarea, [contenteditable], .o_popover");
        if (busy || this.drag.active) {
            return;
        }
        const command = ev.ctrlKey || ev.metaKey;
        const handler = command ? this.commandKeys[ev.code] : this.keys[ev.code];
        if (handler && !ev.altKey && handler.call(this, ev) !== false) {
            ev.preventDefault();
        }
    }

    get commandKeys() {
        return {
            KeyX: () => this.onKeyCard((card) => this.pickVisit(card)),
            KeyV: () => this.onKeyPut(),
            KeyZ: () => this.undo(),
        };
    }

    get keys() {
        // By the place of a key: on a Russian keyboard the same keys work.
        return {
            ArrowLeft: (ev) => this.onKeyArrow(ev),
            ArrowRight: (ev) => this.onKeyArrow(ev),
            ArrowUp: (ev) => this.onKeyArrow(ev),
            ArrowDown: (ev) => this.onKeyArrow(ev),
            Home: (ev) => this.onKeyArrow(ev),
            End: (ev) => this.onKeyArrow(ev),
            PageUp: () => this.onDay(-1),
            PageDown: () => this.onDay(1),
            KeyT: () => this.onToday(),
            KeyN: () => this.data.can.book && this.onNewBooking(),
            KeyF: () => this.data.can.book && (this.state.panel = true),
            KeyB: () => (this.data.can.book ? this.onScan() : false),
            KeyW: () => (this.data.can.receive ? this.onWalkIn() : false),
            Delete: () => this.onKeyCancel(),
            KeyM: () => this.onKeyCard((card) => this.pickVisit(card)),
            KeyA: () => this.onKeyState("action_arrive", ["booked", "confirmed"]),
            KeyC: () => this.onKeyState("action_confirm", ["hold", "booked"]),
            Equal: () => this.onZoom(1),
            NumpadAdd: () => this.onZoom(1),
            Minus: () => this.onZoom(-1),
            NumpadSubtract: () => this.onZoom(-1),
            Space: (ev) => this.onKeyLook(ev),
            Enter: (ev) => this.onKeyEnter(ev),
            NumpadEnter: (ev) => this.onKeyEnter(ev),
            Slash: () => this.onHelp(),
            Escape: () => this.onKeyEscape(),
        };
    }

    onKeyArrow(ev) {
        const {cursor} = this.state;
        const sideways = ev.code === "ArrowLeft" || ev.code === "ArrowRight";
        if (this.ui.isSmall || !this.columns.length) {
            return sideways ? this.onDay(ev.code === "ArrowLeft" ? -1 : 1) : false;
        }
        if (!cursor && sideways) {
            return this.onDay(ev.code === "ArrowLeft" ? -1 : 1);
        }
        if (!cursor) {
            return ev.target === document.body || this.root.contains(ev.target)
                ? this.showCursor()
                : false;
        }
        return this.setCursor(moveCursor(this.columns, cursor, ev.code, this.hours));
    }

    onKeyCard(run) {
        const card = this.cursorCard;
        const mine =
            card && (this.data.can.book || card.specialist_id === this.data.can.own_id);
        if (!mine) {
            return false;
        }
        return MOVABLE.has(card.state) ? run(card) : undefined;
    }

    onKeyState(method, states) {
        const card = this.cursorCard;
        if (!card || !states.includes(card.state)) {
            return false;
        }
        const words = {action_arrive: _t("Waiting"), action_confirm: _t("Confirmed")};
        return this.change(
            "run",
            [card.id, method],
            `${card.patient}: ${words[method]}`
        );
    }

    onKeyCancel() {
        return this.onKeyCard((card) =>
            this.runAction(card, {name: "action_open_cancel", kind: "open"})
        );
    }

    onKeyPut() {
        const {cursor, picked} = this.state;
        return cursor && picked
            ? this.place(picked, this.columns[cursor.index], cursor.minute)
            : false;
    }

    onKeyLook(ev) {
        const {cursor} = this.state;
        if (!cursor || ev.target.closest("button, a")) {
            return false;
        }
        const card = this.cursorCard;
        if (card) {
            const element = this.body.querySelector(`[data-visit="${card.id}"]`);
            return this.openVisit(card, element);
        }
        const column = this.columns[cursor.index];
        return this.isEditable(column)
            ? this.openSlot(column, cursor.minute, cursor.minute + CELL)
            : undefined;
    }

    onKeyEnter(ev) {
        const {cursor, picked} = this.state;
        if (!cursor || ev.target.closest("button, a")) {
            return false;
        }
        if (picked) {
            return this.onKeyPut();
        }
        const card = this.cursorCard;
        if (card) {
            return this.openForm(card.id);
        }
        const column = this.columns[cursor.index];
        return this.isEditable(column) ? this.bookAt(column, cursor.minute) : undefined;
    }

    onKeyEscape() {
        if (this.state.picked) {
            this.state.picked = null;
        } else if (this.state.cursor) {
            this.state.cursor = null;
        } else {
            return false;
        }
        return undefined;
    }

    // Phone -----------------------------------------------------------------

    get rowColumn() {
        return this.columns[clamp(this.state.row, 0, this.columns.length - 1)];
    }

    get rows() {
        return rowsOf(this.rowColumn);
    }

    rowTime(row) {
        return timeLabel(row.start, this.clock);
    }

    rowWords(row) {
        const words = {
            free: _t("Free"),
            off: _t("Time off"),
            busy: _t("Busy"),
            block: row.name,
        };
        return `${words[row.kind]}, ${spanLabel(row.start, row.stop, this.clock)}`;
    }

    onRow(step) {
        const count = this.columns.length;
        this.state.row = (this.state.row + step + count) % count;
    }

    onRowSelect(ev) {
        this.state.row = Number(ev.target.value);
    }

    onRowClick(row, ev) {
        if (row.kind === "card") {
            this.openVisit(row, ev.currentTarget);
        } else if (row.kind === "block") {
            this.openBlock({res_id: row.id});
        } else if (row.kind === "free" && this.isEditable(this.rowColumn)) {
            const {picked} = this.state;
            if (picked) {
                this.place(picked, this.rowColumn, row.start);
            } else {
                this.bookAt(this.rowColumn, row.start);
            }
        }
    }

    onSwipeStart(ev) {
        const [touch] = ev.touches;
        this.swipe = [touch.clientX, touch.clientY];
    }

    onSwipeEnd(ev) {
        const [touch] = ev.changedTouches;
        const dx = touch.clientX - this.swipe[0];
        const dy = touch.clientY - this.swipe[1];
        if (Math.abs(dx) > 60 && Math.abs(dx) > 2 * Math.abs(dy)) {
            this.onRow(dx < 0 ? 1 : -1);
        }
    }
}

registry.category("actions").add("clinic_board", ClinicBoard);
