// SPDX-License-Identifier: GPL-3.0-or-later
// All that happened to one contact, from its first event on, and what happens from now on.
import { useEffect } from './ui.js';
import { on_event, on_welcome, query } from './socket.js';

const PAGES_MAX = 16;

/** @param {string} contact @returns {Promise<any[] | null>} null: not answered */
async function fetch_events(contact) {
    /** @type {any[]} */
    const seen = [];
    let more = true;
    let after;
    for (let page = 0; more && page < PAGES_MAX; page++) {
        const answer = await query({ events: { contact, ...(after ? { after } : {}) } });
        if (!answer || answer.refusal) return null;
        seen.push(...(answer.events?.rows ?? []));
        more = answer.more === true;
        after = answer.next;
    }
    return seen;
}

/**
 * Follows a contact as long as the component stands.
 * @param {string} contact '' or '0': none
 * @param {() => void} begin forgets what was known
 * @param {(event: any) => void} follow
 */
export function use_contact_events(contact, begin, follow) {
    useEffect(() => {
        begin();
        if (!contact || contact === '0') return undefined;
        let alive = true;
        const load = async () => {
            const seen = await fetch_events(contact);
            if (!alive || !seen) return;
            begin();
            for (const { event } of seen) follow(event);
        };
        const stops = [on_event(({ event }) => { if (event.contact === contact) follow(event); }), on_welcome(() => void load())];
        void load();
        return () => { alive = false; stops.forEach((stop) => stop()); };
    }, [contact]);
}
