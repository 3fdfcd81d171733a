// SPDX-License-Identifier: GPL-3.0-or-later
// The one door to the vendored libraries, and the one way a dialog opens. What a page does after a drawing (binding keys,
// moving the focus, closing the form of what is no longer chosen) it does with the drawing, not after the next frame: a
// key pressed in between would be lost, or would open what the late work closes again.
import { h, render } from '../vendor/preact.js';
import htm from '../vendor/htm.js';
import { useLayoutEffect, useRef } from '../vendor/hooks.js';

export const html = htm.bind(h);
export { render };
export { useLayoutEffect as useEffect, useRef, useState } from '../vendor/hooks.js';
export { batch, computed, effect, signal } from '../vendor/signals.js';

/**
 * The ref of a <dialog> that is modal while `open` is.
 * @param {boolean} open
 */
export function use_dialog(open) {
    const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
    useLayoutEffect(() => {
        if (open) dialog.current?.showModal();
        else dialog.current?.close();
    }, [open]);
    return dialog;
}
