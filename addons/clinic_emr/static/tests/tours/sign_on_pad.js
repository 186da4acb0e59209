/** A step of a tour: draws a zigzag on the signature pad it stands on. */
export function signOnPad() {
    const {anchor} = this;
    const {left, top, width, height} = anchor.getBoundingClientRect();
    const send = (type, x, y) =>
        anchor.dispatchEvent(
            new PointerEvent(type, {
                bubbles: true,
                cancelable: true,
                isPrimary: true,
                pointerId: 1,
                pointerType: "mouse",
                button: 0,
                buttons: type === "pointerup" ? 0 : 1,
                pressure: 0.5,
                clientX: left + width * x,
                clientY: top + height * y,
            })
        );
    send("pointerdown", 0.2, 0.5);
    [0.3, 0.4, 0.5, 0.6, 0.7].forEach((x, step) =>
        send("pointermove", x, step % 2 ? 0.3 : 0.7)
    );
    send("pointerup", 0.8, 0.5);
}
