// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium for the tests, and what every browser test does: sign in, press, look, take a picture.
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const require = createRequire(join(root, 'consoles', 'web', 'package.json'));
const { chromium } = require('playwright-core');
const axe_source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** YIHAO_SCREENSHOTS=FOLDER: pictures are left there. A run that nobody looks at takes none: they cost a tenth of it. */
const pictures = process.env.YIHAO_SCREENSHOTS;

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--autoplay-policy=no-user-gesture-required'];

/** The same engine without a browser's own windows: a page costs half the time. */
const BARE = '/usr/bin/chromium-headless-shell';
const WHOLE = '/usr/bin/chromium';

/** whole: the browser that seats have, with its own keys and windows. */
export function launch({ whole = false } = {}) {
    return chromium.launch({ executablePath: process.env.CHROMIUM ?? (!whole && existsSync(BARE) ? BARE : WHOLE), headless: true, args: ARGS });
}

/** The browser of a seat, whose folder outlives it: { context, page, settled, signal }. settled(): what the page keeps is on its way to the disk. signal(name): to all its processes. */
export async function launch_kept(folder) {
    const context = await chromium.launchPersistentContext(folder, { executablePath: process.env.CHROMIUM ?? WHOLE, headless: true, args: ARGS,
        locale: 'zh-CN', viewport: { width: 1366, height: 768 } });
    const page = context.pages()[0] ?? await context.newPage();
    const processes = () => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
        try { return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(folder); } catch { return false; }
    });
    return { context, page,
        settled: async () => {
            const store = join(folder, 'Default', 'Local Storage', 'leveldb');
            const written = () => readdirSync(store).reduce((bytes, one) => bytes + statSync(join(store, one)).size, 0);
            const before = written();
            for (const end = Date.now() + 20000; written() === before && Date.now() < end;) await new Promise((done) => setTimeout(done, 50));
        },
        signal: (name) => processes().forEach((pid) => { try { process.kill(Number(pid), name); } catch { /* gone */ } }) };
}

/** A fresh window of its own (before: what is done to it first), with every page error and every request to another host noted. */
export async function open_window(browser, url, { width = 1920, height = 1080, language = 'zh', theme = 'dark', path = '/', timezone, cookie, before } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, locale: language === 'zh' ? 'zh-CN' : 'en-GB',
        timezoneId: timezone });
    await context.addInitScript(([l, th]) => {
        localStorage.getItem('yihao.language') ?? localStorage.setItem('yihao.language', l);
        localStorage.getItem('yihao.theme') ?? localStorage.setItem('yihao.theme', th);
    }, [language, theme]);
    if (cookie) await context.addCookies([cookie]);
    const page = await context.newPage();
    page.faults = [];
    page.on('pageerror', (error) => page.faults.push(String(error.stack ?? error)));
    page.on('console', (message) => {
        if (message.type() === 'error' && !/status of 40[13]|ERR_|WebSocket/.test(message.text())) page.faults.push(message.text());
    });
    page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        if (origin !== url && protocol.startsWith('http')) page.faults.push(`request to ${request.url()}`);
    });
    await before?.(page);
    await page.goto(url + path);
    return page;
}

/** Signs in by keyboard alone; how many ms from Enter to the page that works. */
export async function sign_in(page, login, password = 'secret') {
    await page.waitForSelector('#login');
    await page.focus('#login');
    await page.keyboard.type(login);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    if (await page.inputValue('#login') !== login || await page.inputValue('#password') !== password) throw new Error('keys were lost at the sign-in');
    const begun = performance.now();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.bar .link.fresh, .wall-page').catch(async (cause) => {
        throw new Error(`${login} is not signed in, the page says: ${(await page.textContent('body')).slice(0, 300)}`, { cause });
    });
    return Math.round(performance.now() - begun);
}

/** YIHAO_PORTFOLIO=FOLDER: what docs/screens.md shows, made anew. */
const portfolio = process.env.YIHAO_PORTFOLIO;
const PORTFOLIO_QUALITY = 60; // letters stay sharp

/** What a failure looked like is left in any case. */
export const FAILED = join(root, 'build', 'screenshots');

export async function picture(page, name, folder = pictures) {
    if (folder) mkdirSync(folder, { recursive: true });
    if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
    if (!/-(dark|light|contrast)-(zh|en)$/.test(name)) await keep(page, name);
}

/** Into the portfolio, as small as a picture of letters can be. */
export async function keep(page, name) {
    if (!portfolio) return;
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: PORTFOLIO_QUALITY });
    await session.detach();
    mkdirSync(portfolio, { recursive: true });
    writeFileSync(join(portfolio, `${name}.webp`), Buffer.from(data, 'base64'));
}

/** What axe finds against WCAG 2.2 A and AA; rules: these alone. */
export async function axe(page, rules) {
    await page.evaluate((source) => { if (!window.axe) (0, eval)(source); }, axe_source).catch(async () => {
        // The page's CSP forbids eval; the debugger's own evaluation is outside of it.
        const session = await page.context().newCDPSession(page);
        await session.send('Runtime.evaluate', { expression: axe_source });
    });
    const { violations } = await page.evaluate((values) => window.axe.run(document, { resultTypes: ['violations'],
        runOnly: values ? { type: 'rule', values } : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }), rules);
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')
        + (node.any[0]?.data?.contrastRatio ? ` ${node.any[0].data.contrastRatio}` : '')).join(' | ')}`);
}

/** Waits until `look` gives something true; says what was expected otherwise. */
export async function until(page, words, look, argument, limit_ms = 15000) {
    try {
        return await page.waitForFunction(look, argument, { timeout: limit_ms, polling: 50 });
    } catch {
        throw new Error(`not seen within ${limit_ms} ms: ${words}`);
    }
}
export const text_of = (page, selector) => page.locator(selector).innerText();
