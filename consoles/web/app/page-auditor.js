// SPDX-License-Identifier: GPL-3.0-or-later
import { html } from './ui.js';
import { Bar } from './bar.js';

/** @param {{ onSignOut: () => Promise<void> }} props */
export function AuditorPage({ onSignOut }) {
    return html`<${Bar} page="auditor" onSignOut=${onSignOut} />`;
}
