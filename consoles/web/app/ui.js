// SPDX-License-Identifier: GPL-3.0-or-later
// The one door to the vendored libraries.
import { h, render } from '../vendor/preact.js';
import htm from '../vendor/htm.js';

export const html = htm.bind(h);
export { render };
export { useEffect, useLayoutEffect, useRef, useState } from '../vendor/hooks.js';
export { batch, computed, effect, signal } from '../vendor/signals.js';
