// SPDX-License-Identifier: GPL-3.0-or-later
// Grants on secret and anonymous incidents: a supervisor, who may not see it either, names a person for some
// hours, by the order number that somebody of its circle tells.
import { html, useEffect } from './ui.js';
import { make_asks } from './ask.js';
import { incident_digits } from './lookup.js';
import { name_of, said, t } from './words.js';
import { LiveTable, ask_rows, city, has_role, me } from './store.js';
import { day_and_time, now } from './clock.js';
import { user_name } from './marks.js';
import { use_keys } from './keys.js';

const HOUR_MS = 3600000;
const HOURS = ['1', '4', '8', '24', '72'];
const GRANTED_BITS = 2 | 4 | 8 | 16 | 64 | 128 | 256; // 1 << Role: whose work it can be

/** @typedef {import('./ask-field.js').Field} Field */
/** @type {Field} */
const number = { name: 'number', kind: 'order', label: 'audit.number', must: true };
/** @type {() => Field} */
const person = () => ({ name: 'user', kind: 'select', label: 'secret.person', must: true, options: city.rows.value.users
    .filter((row) => !row.retired && row.roles & GRANTED_BITS && row.user !== me.value?.user)
    .map((row) => ({ word: String(row.user), label: `${row.user} ${name_of(row)}` })) });
const named = (/** @type {any} */ values) => ({ number: incident_digits(String(values.number)), user: Number(values.user) });

const asks = make_asks({ id: 'secret', words: 'secret', subject: () => 'secret', home: 'rulings-list', table: {
    grant: { key: 'KeyG', may: () => has_role('supervisor'), hint: () => t('secret.hint'),
        fields: () => [number, person(), { name: 'hours', kind: 'select', label: 'secret.hours', must: true, value: '4', options: HOURS.map((word) => ({ word, label: word })) },
            { name: 'purpose', kind: 'one', label: 'person.purpose_label', of: 'read_purpose', must: true }],
        command: (values) => ({ incident_grant: { ...named(values), until_ms: String(now.peek() + Number(values.hours) * HOUR_MS), purpose: values.purpose } }) },
    revoke: { key: 'KeyR', may: () => has_role('supervisor'), fields: () => [number, person()],
        command: (values) => ({ incident_revoke: named(values) }) },
} });

/** Which case it is about nobody is told here: whoever may revoke need not know of it. @type {LiveTable<import('./schema.js').GrantRow[]>} */
const standing = new LiveTable(() => ask_rows({ grants: {} }, 'grants', 'GrantRow', 'grant', 8), (kind) => kind.startsWith('grant_'), []);

export function Grants() {
    use_keys(asks.keys(() => document.querySelector('.rulings')));
    const may = has_role('supervisor');
    useEffect(() => (may ? standing.start() : undefined), [may]);
    const rows = standing.rows.value;
    if (!may) return '';
    return html`<${asks.View} />${rows.length ? html`<table class="grants"><caption>${t('secret.standing')}</caption><tbody>${rows.map((row) => html`<tr key=${row.grant}>
        <td>${user_name(row.user)}</td><td>${said('read_purpose', row.purpose)}</td><td class="digits">${t('glass.until')} ${day_and_time(row.until_ms)}</td><td class="quiet">${user_name(row.given_by)}</td></tr>`)}</tbody></table>` : ''}`;
}
