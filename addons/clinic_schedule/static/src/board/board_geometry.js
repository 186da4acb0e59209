/**
 * The arithmetic of the day board: minutes, pixels, lanes. No OWL, no DOM, no dates of
 * the browser, so that the zone of the computer never matters.
 *
 * A moment on the board is a number of minutes from the local midnight of the branch. A
 * clock is a list of `[fromMinute, delta]` (see `tools/board.py`).
 */

export const STEP = 5;
export const CELL = 15;
export const ZOOMS = [1, 1.3, 1.7, 2.2, 3, 4];
const DEFAULT_HOURS = [8 * 60, 20 * 60];

export function deltaAt(clock, minute) {
    let delta = 0;
    for (const [from, value] of clock) {
        if (minute >= from) {
            delta = value;
        }
    }
    return delta;
}

/** Return "09:05" for a minute of the board. */
export function timeLabel(minute, clock = []) {
    const wall = (((minute + deltaAt(clock, minute)) % 1440) + 1440) % 1440;
    const hours = String(Math.floor(wall / 60)).padStart(2, "0");
    return `${hours}:${String(Math.round(wall % 60)).padStart(2, "0")}`;
}

export function spanLabel(start, stop, clock = []) {
    return `${timeLabel(start, clock)}–${timeLabel(stop, clock)}`;
}

/** Return a minute snapped to the mark before it (or to the nearest). */
export function snap(minute, step = STEP, nearest = false) {
    return (nearest ? Math.round(minute / step) : Math.floor(minute / step)) * step;
}

export function clamp(value, low, high) {
    return Math.min(Math.max(value, low), Math.max(low, high));
}

/** Return the naive UTC of a minute of a column, as the server wants it. */
export function toUtc(column, minute) {
    const passed = minute + deltaAt(column.clock || [], minute);
    const origin = Date.parse(`${column.origin.replace(" ", "T")}Z`);
    return new Date(origin + passed * 60000)
        .toISOString()
        .slice(0, 19)
        .replace("T", " ");
}

/** Return milliseconds since the epoch of a naive UTC of the server. */
export function fromUtc(text) {
    return Date.parse(`${text.replace(" ", "T")}Z`);
}

/** Return the minute of a column for milliseconds since the epoch, or null. */
export function minuteAt(column, millis, length = 1440) {
    const minute = (millis - fromUtc(column.origin)) / 60000;
    return minute >= 0 && minute < length ? minute : null;
}

/** Return `[from, to]`, whole hours: those of the day's shifts, or the whole day. */
export function hoursShown(columns, length, all = false) {
    if (all) {
        return [0, length];
    }
    let from = Infinity;
    let to = -Infinity;
    for (const column of columns) {
        for (const item of [...column.shifts, ...column.cards]) {
            from = Math.min(from, item.start);
            to = Math.max(to, item.stop);
        }
    }
    if (from > to) {
        return DEFAULT_HOURS;
    }
    return [Math.floor(from / 60) * 60, Math.min(Math.ceil(to / 60) * 60, length)];
}

/** Return the marks of the time axis: `{minute, label}` for every full hour. */
export function hourMarks(from, to, clock = []) {
    const marks = [];
    for (let minute = from; minute < to; minute += 60) {
        marks.push({minute, label: timeLabel(minute, clock)});
    }
    return marks;
}

/**
 * Put the visits of one group session under one card; the others stay as they are.
 *
 * Several patients of the same specialist, service and time are a session.
 */
export function gatherSessions(cards) {
    const result = [];
    const sessions = new Map();
    for (const card of cards) {
        if (!card.seats) {
            result.push({...card, key: `v${card.id}`});
            continue;
        }
        const id = [card.specialist_id, card.service_id, card.start, card.stop];
        const key = `s${id.join("-")}`;
        let session = sessions.get(key);
        if (!session) {
            session = {...card, key, members: []};
            sessions.set(key, session);
            result.push(session);
        }
        session.members.push(card);
    }
    return result;
}

/** Give overlapping items a lane each: `lane` of `lanes`, side by side. */
export function layLanes(items) {
    const sorted = [...items].sort((a, b) => a.start - b.start || b.stop - a.stop);
    let cluster = [];
    let end = -Infinity;
    const close = () => {
        const lanes = 1 + Math.max(0, ...cluster.map((item) => item.lane));
        cluster.forEach((item) => (item.lanes = lanes));
        cluster = [];
    };
    for (const item of sorted) {
        if (item.start >= end) {
            close();
        }
        const lanesTaken = new Set(
            cluster.filter((o) => o.stop > item.start).map((o) => o.lane)
        );
        item.lane = 0;
        while (lanesTaken.has(item.lane)) {
            item.lane += 1;
        }
        cluster.push(item);
        end = Math.max(end, item.stop);
    }
    close();
    return sorted;
}

function subtract(spans, takes) {
    let result = spans.map(({start, stop}) => ({start, stop}));
    for (const take of takes) {
        result = result.flatMap(({start, stop}) => {
            if (take.stop <= start || stop <= take.start) {
                return [{start, stop}];
            }
            return [
                {start, stop: take.start},
                {start: take.stop, stop},
            ].filter((piece) => piece.start < piece.stop);
        });
    }
    return result;
}

const TAKES_NO_TIME = new Set(["noshow", "cancelled"]);

function taken(column) {
    const cards = column.cards.filter((card) => !TAKES_NO_TIME.has(card.state));
    return [
        ...cards.map(({start, stop, before = 0, after = 0}) => ({
            start: start - before,
            stop: stop + after,
        })),
        ...column.blocks,
        ...column.busy,
        ...column.off,
    ];
}

/** Return the free spans of a column: its shifts less all that takes time. */
export function freeSpans(column) {
    return subtract(column.shifts, taken(column)).sort((a, b) => a.start - b.start);
}

/** Return `{free, work, percent}` of a column, in minutes. */
export function load(column) {
    const minutes = (spans) => spans.reduce((sum, s) => sum + s.stop - s.start, 0);
    const away = [...column.off, ...column.blocks];
    const work = minutes(subtract(column.shifts, away));
    const free = minutes(freeSpans(column));
    return {
        free,
        work,
        percent: work ? Math.round((100 * (work - free)) / work) : 0,
    };
}

/** Tell whether a span lies in the working time, off the absences. */
export function fits(column, start, stop) {
    const open = subtract(column.shifts, [...column.off, ...column.blocks]);
    return open.some((span) => span.start <= start && stop <= span.stop);
}

/** Return the rows of a column for a narrow screen: visits and free time in turn. */
export function rowsOf(column, shortest = 10) {
    const rows = [
        ...column.cards.map((card) => ({...card, kind: "card", key: `v${card.id}`})),
        ...column.blocks.map((item) => ({...item, kind: "block", key: `b${item.id}`})),
        ...column.busy.map((item) => ({...item, kind: "busy", key: `c${item.id}`})),
        ...column.off.map((item) => ({...item, kind: "off", key: `o${item.start}`})),
        ...freeSpans(column)
            .filter((span) => span.stop - span.start >= shortest)
            .map((span) => ({...span, kind: "free", key: `f${span.start}`})),
    ];
    return rows.sort((a, b) => a.start - b.start || a.stop - b.stop);
}

/** Return the card of a column at a minute, if there is one. */
export function cardAt(column, minute) {
    return column.cards.find((card) => card.start <= minute && minute < card.stop);
}

/**
 * Return where the cursor goes by a key: to the next card or cell, the next column.
 *
 * @param {{index: number, minute: number}} cursor
 */
export function moveCursor(columns, cursor, key, [from, to], cell = CELL) {
    const index = clamp(
        cursor.index + (key === "ArrowRight") - (key === "ArrowLeft"),
        0,
        columns.length - 1
    );
    let minute = cursor.minute;
    const card = cardAt(columns[index], minute);
    if (key === "ArrowDown") {
        minute = card ? card.stop : snap(minute, cell) + cell;
        const next = columns[index].cards.find(
            (c) => c.start > cursor.minute && c.start < minute
        );
        minute = next ? next.start : minute;
    } else if (key === "ArrowUp") {
        const at = card ? card.start : minute;
        const above = cardAt(columns[index], at - 1);
        minute = above ? above.start : Math.ceil(at / cell) * cell - cell;
        minute = above ? minute : Math.max(minute, lastStop(columns[index], at));
    } else if (key === "Home") {
        const starts = columns[index].shifts.map((shift) => shift.start);
        minute = starts.length ? Math.min(...starts) : from;
    } else if (key === "End") {
        const last = [...columns[index].cards].sort((a, b) => b.start - a.start)[0];
        minute = last ? last.start : minute;
    }
    return {index, minute: clamp(minute, from, to - STEP)};
}

function lastStop(column, before) {
    const stops = column.cards.map((card) => card.stop).filter((s) => s < before);
    return stops.length ? Math.max(...stops) : -Infinity;
}

/**
 * Take over a new board, keeping the very objects of columns that did not change, so
 * that only the others are drawn again. Mark what is new or changed by `flash`.
 */
export function mergeColumns(old, fresh) {
    const known = new Map(old.map((column) => [column.key, column]));
    return fresh.map((column) => {
        const before = known.get(column.key);
        const mark = JSON.stringify(column);
        if (before && before.mark === mark) {
            return before;
        }
        const cards = new Map(
            (before ? before.cards : []).map((card) => [card.id, card.mark])
        );
        for (const card of column.cards) {
            card.mark = JSON.stringify(card);
            card.flash = Boolean(before) && cards.get(card.id) !== card.mark;
        }
        return {...column, mark};
    });
}
