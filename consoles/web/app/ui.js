// SPDX-License-Identifier: GPL-3.0-or-later
// The one door to the vendored libraries, and the one way a dialog opens.
import { h, render } from '../vendor/preact.js';
import htm from '../vendor/htm.js';
import { useLayoutEffect, useRef } from '../vendor/hooks.js';

export const html = htm.bind(h);
export { render };
export { useEffect, useLayoutEffect, useRef, useState } from '../vendor/hooks.js';
export { batch, computed, effect, signal } from '../vendor/signals.js';

/**
 * The ref of a <dialog> that is modal while `open` is. It opens with the drawing that shows it, not after the next
 * frame: whoever types on at once types into the dialog.
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
