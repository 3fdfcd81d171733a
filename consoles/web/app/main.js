// SPDX-License-Identifier: GPL-3.0-or-later
// Starts the page: who is signed in, which page the role opens.
import { effect, html, render, signal, useEffect } from './ui.js';
import { Help, Staleness, apply_theme, exams_wanted, first_page, own_pages, reading_wanted } from './bar.js';
import { Locked, lock, locked, show_lock } from './lock.js';
import { Notices } from './notice.js';
import { Prove } from './prove.js';
import { Returned, look_for_provider, returned } from './provider.js';
import { SignIn, SignInAgain } from './page-sign-in.js';
import { city, me, status } from './store.js';
import { complete } from './row.js';
import { connect, disconnect, on_lost } from './socket.js';
import { open_outbox } from './outbox.js';
import { load_office_words, t } from './words.js';
import { unlock_sound } from './sound.js';
import { bind_keys } from './keys.js';
import { open_own_keys } from './own-keys.js';

/** Comes behind the page. */
const doubt = signal(/** @type {any} */ (null));
void import('./doubt.js').then((part) => { doubt.value = part.Doubt; });
const note = signal('');
const asked = signal(false);
/** Somebody is signed in at this browser. */
const signed = signal(false);
/** The session ended below the open page. */
const lapsed = signal(false);
const route = signal(location.hash.slice(1));
addEventListener('hashchange', () => { route.value = location.hash.slice(1); });
addEventListener('keydown', unlock_sound, { once: true });
addEventListener('pointerdown', unlock_sound, { once: true });

/** Break-glass: its dialog comes with the first page that shows one, or when a seat asks for it. */
const glass = signal(/** @type {any} */ (null));
async function load_glass() {
    await load_office_words();
    const part = await import('./glass.js');
    glass.value = part.Glass;
    return part;
}
/** What must be read: the dialog comes when it is asked for, the count behind the page. */
const reading = signal(/** @type {any} */ (null));
async function show_reading() {
    await load_office_words();
    const part = await import('./reading.js');
    reading.value = part.Reading;
    part.open_reading();
}
effect(() => { if (reading_wanted.value) void show_reading(); });
const exam = signal(/** @type {any} */ (null));
async function show_exams() {
    await load_office_words();
    const part = await import('./exam.js');
    exam.value = part.Exam;
    part.open_exams();
}
effect(() => { if (exams_wanted.value) void show_exams(); });
bind_keys([{ key: 'Ctrl+F10', words: 'lock.now', act: lock }, { key: 'Ctrl+F8', words: 'key.reading', act: () => void show_reading() }, { key: 'Ctrl+F7', words: 'key.exam', act: () => void show_exams() },
    { key: 'Ctrl+F9', words: 'key.glass', act: () => void load_glass().then((part) => part.open_glass()) }]);

/** Each page and what it needs comes when a role opens it: a seat loads no other's. */
const parts = /** @type {const} */ ({
    taker: async () => (await import('./page-taker.js')).TakerPage,
    department: async () => (await import('./page-department.js')).DepartmentPage,
    supervisor: async () => (await import('./page-supervisor.js')).SupervisorPage,
    ruling: async () => (await import('./page-ruling.js')).RulingPage,
    auditor: async () => (await import('./page-auditor.js')).AuditorPage,
    administrator: async () => (await import('./page-administrator.js')).AdministratorPage,
    figures: async () => (await import('./page-figures.js')).FiguresPage,
});
/** @type {import('../vendor/signals.js').Signal<Record<string, any>>} */
const loaded = signal(/** @type {Record<string, any>} */ ({}));
/** @param {keyof typeof parts} page */
async function load(page) {
    if (loaded.peek()[page]) return;
    if (page !== 'taker') await load_glass();
    const part = await parts[page]();
    loaded.value = { ...loaded.value, [page]: part };
}

/** What this seat showed last: it comes while name and password are typed, the first time the call taker's. */
const LAST_PAGE = 'yihao.page';
/** @param {string | null} page @returns {page is keyof typeof parts} */
const is_page = (page) => page !== null && Object.hasOwn(parts, page);
function load_ahead() {
    const last = localStorage.getItem(LAST_PAGE);
    if (!me.peek()) load(is_page(last) ? last : 'taker').catch(() => {}); // asked for again when it is wanted
}
addEventListener('input', load_ahead, { once: true });

/** @param {any} user */
function signed_in(user) {
    if (me.peek() && me.peek()?.user !== user.user) return location.reload();
    me.value = complete('UserRow', user);
    lapsed.value = false;
    note.value = '';
    open_outbox(me.value?.user ?? 0);
    open_own_keys(me.value?.user ?? 0);
    return connect();
}

async function sign_out() {
    await fetch('/api/v1/sign-out', { method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: '{}' }).catch(() => null);
    disconnect();
    lapsed.value = false;
    show_lock(false);
    open_own_keys(0);
    me.value = null;
}

on_lost((code) => {
    note.value = t(code === 4008 ? 'stale.elsewhere' : 'sign_in.ended');
    lapsed.value = code === 4001 && me.peek() !== null;
    if (code === 4003) me.value = null;
});

function Signed() {
    useEffect(() => {
        const stops = [city.start(), status.start()];
        void import('./due.js').then(({ due, exams }) => stops.push(due.start(), exams.start()));
        return () => stops.forEach((stop) => stop());
    }, []);
    const own = own_pages();
    const page = own.find((one) => one === route.value) ?? first_page();
    useEffect(() => {
        if (!page) return;
        localStorage.setItem(LAST_PAGE, page);
        void load(page);
    }, [page]);
    if (!page) return html`<main class="empty"><p>${t('page.none')}</p>
        <button type="button" class="act" onClick=${sign_out}>${t('bar.sign_out')}</button></main>`;
    const Part = loaded.value[page];
    return Part ? html`<${Part} key=${page} onSignOut=${sign_out} />` : html`<main class="empty" aria-busy="true"></main>`;
}

function App() {
    if (!asked.value) return html`<main class="empty" aria-busy="true"></main>`;
    if (returned.value) return html`<${Returned} proof=${signed.value} onUser=${signed_in} />`;
    if (!me.value) return html`<${SignIn} note=${note.value} onUser=${signed_in} />`;
    const again = html`<${SignInAgain} login=${me.value.login || String(me.value.user)} onUser=${signed_in} />`;
    return html`${doubt.value ? html`<${doubt.value} key="doubt" />` : ''}<div class="front" key="front" hidden=${locked.value}>${locked.value ? '' : lapsed.value ? again : html`<${Staleness} />`}
        <${Signed} key="signed" /><${Notices} /><${Help} />${glass.value ? html`<${glass.value} />` : ''}${reading.value ? html`<${reading.value} />` : ''}${exam.value ? html`<${exam.value} />` : ''}<${Prove} /></div>
        ${locked.value ? html`<${Locked} key="locked" onUser=${signed_in} onSignOut=${sign_out} />` : ''}`;
}

async function start() {
    apply_theme();
    document.documentElement.classList.toggle('wall', new URLSearchParams(location.search).has('wall'));
    render(html`<${App} />`, document.body);
    const looked = look_for_provider();
    const reply = await fetch('/api/v1/me').catch(() => null);
    signed.value = reply?.ok === true;
    await looked;
    if (reply?.ok && !returned.peek()) {
        const { user, locked: at_lock } = await reply.json();
        signed_in(user);
        show_lock(at_lock === true);
    }
    asked.value = true;
}
void start();
