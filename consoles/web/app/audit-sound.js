// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings beside the trail: what sounds marks the record that happened then, a record leads to its
// moment; and whether the bytes are those whose hash the trail holds, reckoned here in the browser.
import { html, signal, useEffect, useRef } from './ui.js';
import { Act } from './pick.js';
import { kind_of } from './row.js';
import { span } from './clock.js';
import { use_keys } from './keys.js';
import { suite_of } from './proof.js';
import { fetch_proved } from './prove.js';
import { t } from './words.js';

/** @typedef {import('./schema.js').RecordingRow} RecordingRow @typedef {import('./trail.js').TrailRow} TrailRow */
const JUMP_S = 5;
const SPEEDS = [1, 1.5, 2];

/** @type {import('../vendor/signals.js').Signal<RecordingRow | null>} */
const playing = signal(/** @type {any} */ (null));
const position_s = signal(0);
const speed = signal(1);
/** 'checking', 'good', 'bad', 'unread' by file. */
const checks = signal(/** @type {Record<string, string>} */ ({}));

/** When a recording begins: it ends with its contact. @param {RecordingRow} row @param {TrailRow[]} rows */
function begin_of(row, rows) {
    const end = rows.findLast(({ event }) => kind_of(event) === 'contact_ended' && event.contact === row.contact);
    return end ? end.at_ms - row.duration_ms : 0;
}

/** The record at which the sound is, 0: none. @param {TrailRow[]} rows */
export function sounding(rows) {
    const row = playing.value;
    const begin = row ? begin_of(row, rows) : 0;
    if (!row || !begin || !position_s.value) return 0;
    return rows.findLast((one) => one.at_ms <= begin + position_s.value * 1000)?.seq ?? 0;
}

/** @param {RecordingRow} row */
const sound_of = (row) => `/api/v1/recordings/${row.contact}?reason=audit`;

/** The player heard no sound: perhaps a proof is wanted first. @param {HTMLAudioElement} player */
async function hear_proved(player) {
    const refused = player.error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED;
    if (!refused || !(await fetch_proved(player.src))?.ok) return;
    player.load();
    void player.play();
}

/** @param {RecordingRow} row */
async function check(row) {
    checks.value = { ...checks.value, [row.file]: 'checking' };
    const reply = await fetch_proved(`${sound_of(row)}&sealed=1`);
    const suite = await suite_of(Number(row.algorithm) || 1);
    const good = reply?.ok && suite ? suite.digest(new Uint8Array(await reply.arrayBuffer())) === row.digest : null;
    checks.value = { ...checks.value, [row.file]: good === null ? 'unread' : good ? 'good' : 'bad' };
}

/** @param {{ recordings: RecordingRow[], rows: TrailRow[] }} props */
export function Sound({ recordings, rows }) {
    const player = useRef(/** @type {HTMLAudioElement | null} */ (null));
    const files = recordings.map((row) => row.file).join();
    useEffect(() => { playing.value = recordings[0] ?? null; position_s.value = 0; }, [files]);
    const jump = (/** @type {number} */ by) => { if (player.current) player.current.currentTime = Math.max(0, player.current.currentTime + by); };
    const faster = () => {
        speed.value = SPEEDS[(SPEEDS.indexOf(speed.value) + 1) % SPEEDS.length] ?? 1;
        if (player.current) player.current.playbackRate = speed.value;
    };
    const row = playing.value;
    const here = () => player.current !== null;
    use_keys([
        { key: 'F2', words: 'key.play', act: () => { if (player.current?.paused) void player.current.play(); else player.current?.pause(); }, when: here },
        { key: 'F8', words: 'audit.speed', act: faster, when: here },
        { key: 'Comma', words: 'audit.back', act: () => jump(-JUMP_S), when: here },
        { key: 'Period', words: 'audit.on', act: () => jump(JUMP_S), when: here },
        { key: 'KeyV', words: 'audit.check', act: () => { if (playing.value) void check(playing.value); }, when: here },
    ]);
    if (!row) return '';
    const begin = begin_of(row, rows);
    const moments = begin ? rows.filter((one) => one.at_ms >= begin && one.at_ms < begin + row.duration_ms) : [];
    const state = checks.value[row.file] ?? '';
    return html`<div class="sound" role="group" aria-label=${t('audit.recording')}>
        <div class="acts">${recordings.length > 1 ? html`<label class="sr" for="audit-file">${t('audit.recording')}</label><select id="audit-file" class="small" value=${row.file}
            onChange=${(/** @type {any} */ e) => { playing.value = recordings.find((one) => one.file === e.currentTarget.value) ?? null; position_s.value = 0; }}>
            ${recordings.map((one) => html`<option key=${one.file} value=${one.file}>${one.file}</option>`)}</select>` : ''}
        <audio ref=${player} key=${row.file} controls preload="none" src=${sound_of(row)} onError=${(/** @type {any} */ e) => hear_proved(e.currentTarget)} aria-label=${t('audit.recording')}
            onTimeUpdate=${(/** @type {any} */ e) => { position_s.value = e.currentTarget.currentTime; }}></audio>
        <span class="digits">${span(position_s.value * 1000)} / ${span(row.duration_ms)}</span>
        <${Act} keys="," onClick=${() => jump(-JUMP_S)}>−5 s<//><${Act} keys="." onClick=${() => jump(JUMP_S)}>+5 s<//><${Act} keys="F8" onClick=${faster}>${speed.value}×<//>
        <${Act} keys="V" disabled=${state === 'checking'} onClick=${() => check(row)}>${t('audit.check')}<//>
        <span role="status">${state ? html`<span class=${`tag ${state === 'good' ? 'good' : state === 'checking' ? '' : 'bad'}`}>${t(`audit.check_${state}`)}</span>` : ''}</span></div>
        ${moments.length ? html`<ul class="moments" aria-label=${t('audit.moments')}>${moments.map((one) => html`<li key=${one.seq}><button type="button" class="chip"
            onClick=${() => { if (player.current) player.current.currentTime = (one.at_ms - begin) / 1000; }}>${span(one.at_ms - begin)} ${t(`event.${kind_of(one.event)}`)}</button></li>`)}</ul>` : ''}
        <p class="quiet small">${row.file} · ${Math.round(Number(row.size) / 1024)} KiB · ${['BLAKE2b', 'BLAKE2b', 'SM3'][Number(row.algorithm) || 0] ?? `#${row.algorithm}`} <code>${row.digest.slice(0, 16)}…</code></p></div>`;
}
