import {STEP, clamp, fits, snap, spanLabel} from "./board_geometry";

const THRESHOLD = 5;
const LONG_PRESS = 350;
const EDGE = 48;

// In a tree of its own: the style sheets of the page look at what contains what, so each
// change among hundreds of cards would have all of them looked at again.
const GHOST_STYLE = `
    .ghost {
        position: absolute;
        box-sizing: border-box;
        display: flex;
        flex-wrap: wrap;
        gap: 0 0.4rem;
        align-content: flex-start;
        min-height: 1.2rem;
        padding: 0.1rem 0.4rem;
        border: 2px solid var(--cb-ghost-tone);
        border-radius: 0.25rem;
        box-shadow: 0 4px 12px rgba(0, 0, 0, 0.25);
        background: color-mix(in srgb, var(--cb-ghost-tone) 22%, var(--cb-ghost-paper));
        font-size: 0.8rem;
        font-weight: 600;
    }
    .ghost[hidden] {
        display: none;
    }
    .unfit {
        border-color: var(--cb-ghost-unfit);
        border-style: dashed;
        background: color-mix(in srgb, var(--cb-ghost-unfit) 22%, var(--cb-ghost-paper));
    }
    .time {
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
    }
`;

/**
 * Pointers on the board: a click, a drag of a visit or of its lower edge, a span drawn
 * over free time, somebody brought in from the side panel. One set of listeners for the
 * whole board, and a ghost that is moved without drawing anything else again.
 */
export class BoardDrag {
    /** @param {Object} board what the drag asks for and tells; see ClinicBoard */
    constructor(board) {
        this.board = board;
        this.drag = null;
        this.onMove = this.onMove.bind(this);
        this.onUp = this.onUp.bind(this);
        this.onCancel = this.cancel.bind(this);
        this.onTouchMove = (ev) => this.active && ev.preventDefault();
        this.onKey = (ev) => {
            if (ev.key === "Escape" && this.drag) {
                ev.stopPropagation();
                ev.preventDefault();
                this.cancel();
            }
        };
    }

    get active() {
        return Boolean(this.drag && this.drag.ghost);
    }

    /** Begin with a pointer that went down on something of the kind. */
    start(ev, drag) {
        if (ev.button || this.drag) {
            return;
        }
        this.drag = {
            ...drag,
            x: ev.clientX,
            y: ev.clientY,
            touch: ev.pointerType === "touch",
        };
        this.pointer = {clientX: ev.clientX, clientY: ev.clientY};
        if (this.drag.touch && drag.kind !== "click") {
            this.timer = setTimeout(() => this.begin(), LONG_PRESS);
        }
        window.addEventListener("pointermove", this.onMove);
        window.addEventListener("pointerup", this.onUp);
        window.addEventListener("pointercancel", this.onCancel);
        window.addEventListener("keydown", this.onKey, true);
        window.addEventListener("touchmove", this.onTouchMove, {passive: false});
    }

    onMove(ev) {
        this.pointer = {clientX: ev.clientX, clientY: ev.clientY};
        if (this.active) {
            this.draw();
            return;
        }
        const far =
            Math.hypot(ev.clientX - this.drag.x, ev.clientY - this.drag.y) > THRESHOLD;
        if (far && this.drag.touch) {
            this.end(); // a finger that moves at once scrolls
        } else if (far && this.drag.kind !== "click") {
            this.begin();
        }
    }

    begin() {
        const {drag, board} = this;
        if (!drag || drag.ghost) {
            return;
        }
        window.getSelection()?.removeAllRanges();
        this.makeGhost();
        board.body.append(drag.layer);
        board.root.classList.add("o_cb_dragging");
        drag.element?.classList.add("o_cb_dragged");
        board.onDragStart();
        this.draw();
        this.scroll();
    }

    makeGhost() {
        const {drag} = this;
        drag.layer = document.createElement("div");
        drag.layer.className = "o_cb_ghost_layer";
        drag.ghost = document.createElement("div");
        drag.ghost.className = "ghost";
        drag.words = document.createElement("span");
        drag.words.className = "time";
        drag.title = document.createElement("span");
        drag.title.textContent = drag.label || "";
        drag.ghost.append(drag.words, drag.title);
        const style = document.createElement("style");
        style.textContent = GHOST_STYLE;
        drag.layer.attachShadow({mode: "open"}).append(style, drag.ghost);
    }

    /** Return the column under the pointer, its element, and the minute. */
    locate() {
        const {body, columns, hours, zoom} = this.board;
        const rect = body.getBoundingClientRect();
        const x = this.pointer.clientX - rect.left;
        const minute = (this.pointer.clientY - rect.top) / zoom + hours[0];
        for (const element of body.querySelectorAll(".o_cb_col")) {
            if (
                x >= element.offsetLeft &&
                x < element.offsetLeft + element.offsetWidth
            ) {
                return {
                    element,
                    minute,
                    column: columns[Number(element.dataset.index)],
                };
            }
        }
        return null;
    }

    /** Return where the thing would go: `{column, element, start, stop}`, or null. */
    target() {
        const {drag} = this;
        const [from, to] = this.board.hours;
        const at = this.locate();
        if (drag.kind === "resize") {
            const minute = at ? at.minute : drag.stop;
            const stop = clamp(snap(minute, STEP, true), drag.start + STEP, to);
            return {column: drag.column, element: drag.home, start: drag.start, stop};
        }
        if (drag.kind === "select") {
            const minute = at ? at.minute : drag.anchor;
            const first = snap(Math.min(minute, drag.anchor));
            const last = Math.max(snap(minute, STEP, true), snap(drag.anchor) + STEP);
            return {
                column: drag.column,
                element: drag.home,
                start: clamp(first, from, to - STEP),
                stop: clamp(last, from + STEP, to),
            };
        }
        if (!at) {
            return null;
        }
        const start = clamp(
            snap(at.minute - (drag.grip || 0), STEP, true),
            from,
            to - STEP
        );
        return {...at, start, stop: start + drag.length};
    }

    draw() {
        const {drag, board} = this;
        const target = this.target();
        drag.target = target;
        drag.ghost.hidden = !target;
        if (!target) {
            return;
        }
        const {element, start, stop, column} = target;
        Object.assign(drag.ghost.style, {
            left: `${element.offsetLeft}px`,
            width: `${element.offsetWidth}px`,
            top: `${(start - board.hours[0]) * board.zoom}px`,
            height: `${(stop - start) * board.zoom}px`,
        });
        drag.ghost.classList.toggle("unfit", !fits(column, start, stop));
        drag.words.textContent = spanLabel(start, stop, board.clock);
    }

    /** Scroll on while the pointer stays at an edge. */
    scroll() {
        if (!this.active) {
            return;
        }
        const {scroller} = this.board;
        const rect = scroller.getBoundingClientRect();
        const {clientX, clientY} = this.pointer;
        const pull = (value, low, high) => {
            if (value < low + EDGE) {
                return Math.max((value - low - EDGE) / 4, -14);
            }
            return value > high - EDGE ? Math.min((value - high + EDGE) / 4, 14) : 0;
        };
        const inside = clientX > rect.left && clientX < rect.right;
        if (inside || this.drag.kind !== "new") {
            const dx = pull(clientX, rect.left + 40, rect.right);
            const dy = pull(clientY, rect.top + 40, rect.bottom);
            if (dx || dy) {
                scroller.scrollBy(dx, dy);
                this.draw();
            }
        }
        this.frame = requestAnimationFrame(() => this.scroll());
    }

    onUp(ev) {
        const {drag, active, board} = this;
        if (!active) {
            this.end();
            if (ev.target.isConnected) {
                board.onBoardClick(ev, drag);
            }
            return;
        }
        const target = drag.target;
        this.end();
        if (target) {
            board.onDrop(drag, target);
        }
    }

    cancel() {
        this.end();
    }

    end() {
        const {drag} = this;
        clearTimeout(this.timer);
        cancelAnimationFrame(this.frame);
        this.drag = null;
        this.board.root?.classList.remove("o_cb_dragging");
        drag?.element?.classList.remove("o_cb_dragged");
        drag?.layer?.remove();
        window.removeEventListener("pointermove", this.onMove);
        window.removeEventListener("pointerup", this.onUp);
        window.removeEventListener("pointercancel", this.onCancel);
        window.removeEventListener("keydown", this.onKey, true);
        window.removeEventListener("touchmove", this.onTouchMove);
    }
}
