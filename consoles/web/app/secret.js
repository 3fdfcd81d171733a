// SPDX-License-Identifier: GPL-3.0-or-later
// Grants on secret and anonymous incidents: a supervisor, who may not see it either, names a person for some
// hours, by the order number that somebody of its circle tells.
import { html } from './ui.js';
import { make_asks } from './ask.js';
import { incident_digits } from './lookup.js';
import { name_of, t } from './words.js';
import { city, has_role, me } from './store.js';
import { now } from './clock.js';
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

export function Grants() {
    use_keys(asks.keys(() => document.querySelector('.rulings')));
    return has_role('supervisor') ? html`<${asks.View} />` : '';
}
