import {describe, expect, test} from "@odoo/hoot";
import {
    fits,
    freeSpans,
    gatherSessions,
    hourMarks,
    hoursShown,
    layLanes,
    load,
    mergeColumns,
    moveCursor,
    rowsOf,
    snap,
    timeLabel,
    toUtc,
} from "@clinic_schedule/board/board_geometry";

describe.current.tags("headless");

const PLAIN = [[0, 0]];

function makeColumn(values = {}) {
    return {
        key: "1",
        id: 1,
        origin: "2027-03-27 19:00:00",
        clock: PLAIN,
        shifts: [{start: 540, stop: 900}],
        off: [],
        blocks: [],
        busy: [],
        cards: [],
        ...values,
    };
}

test("minutes are labelled by the wall, also when the clocks change", () => {
    const spring = [
        [0, 0],
        [120, 60],
    ];
    const autumn = [
        [0, 0],
        [180, -60],
    ];
    expect(timeLabel(545)).toBe("09:05");
    expect(timeLabel(119, spring)).toBe("01:59");
    expect(timeLabel(120, spring)).toBe("03:00");
    expect(timeLabel(180, autumn)).toBe("02:00");
    expect(hourMarks(60, 240, autumn).map((mark) => mark.label)).toEqual([
        "01:00",
        "02:00",
        "02:00",
    ]);
});

test("a drop is sent in UTC, whatever the zone of the browser", () => {
    expect(toUtc(makeColumn(), 600)).toBe("2027-03-28 05:00:00");
    const week = makeColumn({
        origin: "2027-03-27 23:00:00",
        clock: [
            [0, 0],
            [180, -60],
        ],
    });
    // 10:00 on the wall of Berlin, on the day its clocks go forward.
    expect(toUtc(week, 600)).toBe("2027-03-28 08:00:00");
});

test("snapping", () => {
    expect(snap(607)).toBe(605);
    expect(snap(608, 5, true)).toBe(610);
    expect(snap(614, 15)).toBe(600);
});

test("only the hours of the shifts are shown", () => {
    const column = makeColumn({shifts: [{start: 545, stop: 890}]});
    expect(hoursShown([column], 1440)).toEqual([540, 900]);
    expect(hoursShown([column], 1440, true)).toEqual([0, 1440]);
    expect(hoursShown([makeColumn({shifts: []})], 1440)).toEqual([480, 1200]);
});

test("free time is the shift less all that takes time", () => {
    const column = makeColumn({
        cards: [
            {start: 600, stop: 630, before: 0, after: 10, state: "booked"},
            {start: 700, stop: 730, state: "noshow"},
        ],
        off: [{start: 840, stop: 900}],
        blocks: [{start: 780, stop: 800}],
    });
    expect(freeSpans(column)).toEqual([
        {start: 540, stop: 600},
        {start: 640, stop: 780},
        {start: 800, stop: 840},
    ]);
    expect(load(column)).toEqual({free: 240, work: 280, percent: 14});
    expect(fits(column, 600, 660)).toBe(true);
    expect(fits(column, 770, 790)).toBe(false);
    expect(fits(column, 500, 560)).toBe(false);
});

test("what overlaps goes side by side", () => {
    const [a, b, c] = layLanes([
        {id: 1, start: 600, stop: 660},
        {id: 2, start: 630, stop: 690},
        {id: 3, start: 690, stop: 700},
    ]);
    expect([a.lane, a.lanes]).toEqual([0, 2]);
    expect([b.lane, b.lanes]).toEqual([1, 2]);
    expect([c.lane, c.lanes]).toEqual([0, 1]);
});

test("a group session is one card", () => {
    const card = {start: 600, stop: 660, service_id: 5, specialist_id: 1, seats: 8};
    const [session, other] = gatherSessions([
        {...card, id: 1},
        {...card, id: 2},
        {id: 3, start: 600, stop: 630},
    ]);
    expect(session.members.map((member) => member.id)).toEqual([1, 2]);
    expect(other.id).toBe(3);
});

test("rows of a phone: visits and free time in turn", () => {
    const column = makeColumn({cards: [{id: 1, start: 600, stop: 895}]});
    expect(rowsOf(column).map((row) => [row.kind, row.start])).toEqual([
        ["free", 540],
        ["card", 600],
    ]);
});

test("the cursor goes from card to card and over free cells", () => {
    const columns = [
        makeColumn({cards: [{start: 600, stop: 650}]}),
        makeColumn({key: "2"}),
    ];
    const hours = [540, 900];
    const go = (minute, key, index = 0) =>
        moveCursor(columns, {index, minute}, key, hours);
    expect(go(585, "ArrowDown").minute).toBe(600);
    expect(go(600, "ArrowDown").minute).toBe(650);
    expect(go(650, "ArrowUp").minute).toBe(600);
    expect(go(600, "ArrowUp").minute).toBe(585);
    expect(go(600, "ArrowRight")).toEqual({index: 1, minute: 600});
    expect(go(600, "ArrowRight", 1).index).toBe(1);
    expect(go(800, "End").minute).toBe(600);
});

test("what did not change is the same object, what did flashes", () => {
    const board = () => [
        makeColumn({cards: [{id: 1, start: 600}]}),
        makeColumn({key: "2", cards: [{id: 2, start: 600}]}),
    ];
    const before = mergeColumns([], board());
    const fresh = board();
    fresh[1].cards[0].start = 630;
    const after = mergeColumns(before, fresh);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    expect(after[1].cards[0].flash).toBe(true);
    expect(before[0].cards[0].flash).toBe(false);
});
