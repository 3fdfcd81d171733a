// SPDX-License-Identifier: GPL-3.0-or-later
// The pages one by one in Chromium, against the fake console server. No mouse is used.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axe, picture, sign_in, text_of, until } from './browser.mjs';
import { TEXT, composes, looks, pages_there_are } from './look.mjs';
import { has, has_value, press, ready, story, take_fire } from './story.mjs';

story('a call taker signs in and takes a fire call by keyboard alone', async ({ open, post, city }) => {
    const page = await open('');
    await sign_in(page, '1001');
    await ready(page);
    await post('/test/call', { line: 119, number: '13912345678' });
    await take_fire(page);
    assert.match(await page.inputValue('#form-lead'), /XF 消防救援支队/);
    assert.match(await text_of(page, '.assists .chips'), /急救中心/);
    await page.keyboard.press('Control+Enter');
    await has(page, '.finished', '已派发');
    assert.equal(city.incidents[0].state, 'dispatched');
    assert.deepEqual(city.tasks.map((one) => [one.department, one.kind]), [[6, 'assist'], [3, 'assist'], [2, 'lead']]);
    assert.equal(city.people.get(city.incidents[0].incident).text, '三楼厨房着火，有老人被困');
    await page.keyboard.press('Shift+F2');
    await has(page, '.seat .state', '话后');
    await page.keyboard.press('Control+Enter');
    await has(page, '.seat .state', '就绪');
    await picture(page, 'taker-done');
});

for (const [login, language] of [['1001', 'zh'], ['1001', 'en'], ['3001', 'zh'], ['3001', 'en']])
    story(`seven lines and the longest wait stand whole in the bar of a narrow screen: ${login}, ${language}`, async ({ open }) => {
        const page = await open(login, { width: 1366, height: 768, language });
        await page.waitForSelector('.bar .figures .longest', { state: 'attached' });
        const { cut, high } = await page.evaluate(() => {
            const figures = document.querySelector('.bar .figures');
            while (figures.children.length < 8) figures.append(figures.lastElementChild.cloneNode(true));
            for (const words of ['To read 18', 'Tests 1']) { // what the bar of a real city has beside them
                const more = document.querySelector('.bar .plain').cloneNode();
                more.textContent = words;
                document.querySelector('.bar-middle').after(more);
            }
            const frame = document.querySelector('.bar-middle').getBoundingClientRect();
            const seen = [...figures.children].filter((one) => one.checkVisibility());
            return { high: document.querySelector('.bar').getBoundingClientRect().height,
                cut: seen.filter((one) => { const box = one.getBoundingClientRect(); return box.right > frame.right + 1 || box.bottom > frame.bottom + 1; }).map((one) => one.textContent) };
        });
        assert.deepEqual(cut, []);
        assert.ok(high <= 80, `${high} px of bar`);
        if (login === '1001' && language === 'zh') await picture(page, 'narrow');
    });

story('a text is answered and shown as text', async ({ open, post }) => {
    const page = await open('1001');
    await ready(page);
    await post('/test/text', { line: 110, number: '13700001111', text: '有人跟踪我，在地铁站' });
    await has(page, '.ring', '短信');
    await page.keyboard.press('F2');
    await has(page, '.caller blockquote', '有人跟踪我');
    assert.equal(await page.inputValue('#form-text'), '有人跟踪我，在地铁站');
});

story('by the city\'s account: there and back, the one-time code, and a locked screen opened in a window of its own', async ({ open, post }) => {
    await post('/test/state', { provider: '1001' });
    const page = await open('');
    await page.getByRole('button', { name: '使用城市统一身份登录' }).press('Enter');
    await page.waitForSelector('#returned-code');
    assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, '/', 'the code is out of the address');
    assert.deepEqual(await axe(page), []);
    await press(page, '123456', 'Key:Enter');
    await page.waitForSelector('.bar .link.fresh');
    await page.keyboard.press('Control+F10');
    await page.waitForSelector('.locked');
    const [beside] = await Promise.all([page.waitForEvent('popup'), page.getByRole('button', { name: '使用城市统一身份登录' }).press('Enter')]);
    await beside.waitForSelector('#returned-code');
    await press(beside, '123456', 'Key:Enter');
    await page.waitForSelector('.locked', { state: 'detached' });
});

/* What a citizen, a department or an editor wrote is words, whatever they wrote. */
const attack = '<img src=x onerror="window.taken=1"><script>window.taken=1</script>"\'><svg/onload=window.taken=1>{{7*7}}${7*7}';
story('hostile words of a caller, a text, a note and a name stay words', async ({ open, post, city }) => {
    city.users.find((one) => one.user === 1002).name_zh = attack;
    const page = await open('1001');
    const supervisor = await open('3001');
    const colleague = await open('1002');
    await ready(page);
    await ready(colleague);
    await post('/test/text', { line: 110, number: attack, text: attack });
    await has(page, '.ring', '短信');
    await page.keyboard.press('F2');
    await has(page, '.caller blockquote', '<img src=x');
    assert.equal(await page.inputValue('#form-text'), attack);
    city.command(city.users.find((one) => one.user === 1001), { key: 'h', handover_leave: {}, personal: { text: attack } });
    await has(supervisor, '#seats-list', '<svg/onload');
    for (const one of [page, supervisor, colleague]) {
        assert.equal(await one.evaluate(() => window.taken), undefined);
        assert.equal(await one.locator('img[src="x"], svg[onload], script:not([src])').count(), 0);
        assert.ok(!(await one.locator('body').innerText()).includes('49{{'));
    }
});

story('a further call joins an open incident with one key', async ({ open, post, city }) => {
    const page = await open('1001');
    await ready(page);
    await post('/test/call', { line: 119, number: '13912345678' });
    await take_fire(page);
    await page.keyboard.press('Control+Enter');
    await has(page, '.finished', '已派发');
    await page.keyboard.press('Shift+F2');
    await has(page, '.seat .state', '话后');
    await page.keyboard.press('Control+Enter');
    await has(page, '.seat .state', '就绪');
    await post('/test/call', { line: 119, number: '13666666666' });
    await page.waitForSelector('.ring.on');
    await page.keyboard.press('F2');
    await has_value(page, '#form-number', '13666666666');
    await page.keyboard.type('110100');
    await page.keyboard.press('Enter');
    await has(page, '.nearby h2', '相似 1 起');
    await page.focus('#nearby-list');
    await page.keyboard.press('KeyL');
    await has(page, '.finished', '已并案');
    assert.equal(city.incidents[0].contacts, 2);
});

story('what is wrong in the form is said, and the focus goes there', async ({ open }) => {
    const page = await open('1001');
    await page.focus('#form-text');
    await page.keyboard.type('没有类别');
    await page.keyboard.press('Control+Enter');
    await has(page, '#form-category-error', '请选择事项类别');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'form-category');
});

story('a department signs, rolls, arrives and replies', async ({ open, post, city }) => {
    const taker = await open('1001');
    await ready(taker);
    await post('/test/call', { line: 119, number: '13912345678' });
    await take_fire(taker);
    await taker.keyboard.press('Control+Enter');
    await has(taker, '.finished', '已派发');
    const page = await open('2001');
    await has(page, '#inbox-list', '居民楼火灾');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('KeyA');
    await has(page, '.task h2', '已签收');
    await has(page, '.task .said', '有老人被困');
    await page.keyboard.press('Digit1');
    await has(page, '.task h2', '出动');
    await page.keyboard.press('Digit2');
    await has(page, '.task h2', '到场');
    await page.keyboard.press('KeyE');
    await page.keyboard.type('明火扑灭，无人受伤');
    await page.setInputFiles('#attach-file', { name: '现场.png', mimeType: 'image/png', buffer: Buffer.from('89504e470d0a1a0a', 'hex') });
    await has(page, '.task', 'PNG 图片');
    await page.click('.task .texts .chip');
    await page.waitForSelector('.task img.attached');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'department');
    await page.focus('#dept-reply');
    await page.keyboard.press('Control+Enter');
    await until(page, 'an empty inbox', () => document.querySelectorAll('#inbox-list li').length === 0);
    assert.equal(city.tasks.find((one) => one.department === 2).state, 'replied');
    assert.equal(city.people.get(city.incidents[0].incident).reply, '明火扑灭，无人受伤');
});

story('a send-back is asked by the department and ruled by the supervisor', async ({ open, city }) => {
    const user = city.users.find((one) => one.user === 1001);
    const { incident } = city.command(user, { key: 'a', incident_register: { line: 12345, category: 220100 }, personal: { text: '路灯' } });
    city.command(user, { key: 'b', incident_dispatch: { incident, lead: 4 } });
    const page = await open('2004');
    await has(page, '#inbox-list', '路灯不亮');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('KeyR');
    await until(page, 'focus in the reasons', () => document.activeElement?.id === 'dept-reason-territory');
    await page.keyboard.press('Digit2');
    await page.keyboard.press('Control+Enter');
    await has(page, '.task h2', '申请退单');
    const chief = await open('3001');
    await has(chief, '#rulings-list', '职能不符');
    await chief.focus('#rulings-list');
    await chief.keyboard.press('KeyY');
    await until(chief, 'no ruling left', () => document.querySelectorAll('#rulings-list li').length === 0);
    assert.equal(city.tasks[0].state, 'returned');
});

story('an incident is opened from a list: noted, its reply rejected, told, rated, reopened, dispatched again', async ({ open, city }) => {
    const as = (user, key, body, personal) => city.command(city.users.find((one) => one.user === user), { key, ...body, personal });
    const { incident } = as(1001, 'a', { incident_register: { line: 12345, category: 220100, district: 340104 } }, { text: '路灯不亮', number: '13512345678' });
    as(1001, 'b', { incident_dispatch: { incident, lead: 4 } });
    const { task } = city.tasks[0];
    as(2004, 'c', { task_sign: { task } });
    as(2004, 'd', { task_reply: { task, solved: 'yes' } }, { text: '已更换' });
    const page = await open('3001');
    await page.focus('#late-list');
    await page.keyboard.press('KeyA');
    await has(page, '#late-list', '路灯不亮');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await has(page, '.panel h2', '待告知');
    await until(page, 'focus in the tasks', () => document.activeElement?.id === 'panel-tasks');
    await page.keyboard.press('KeyC');
    await has(page, '.panel .said', '路灯不亮');
    const fill_in = async (key, text) => {
        await page.keyboard.press(key);
        await until(page, 'focus in the form', () => document.activeElement?.closest('.doing-form'));
        if (text) await page.keyboard.type(text);
    };
    await fill_in('KeyN', '市民再次来电催办');
    await page.keyboard.press('Escape');
    await fill_in('KeyN');
    await has_value(page, '#doing-text', '市民再次来电催办'); // words left behind are kept
    await page.keyboard.press('Control+Enter');
    await has(page, '.notices', '备注');
    await fill_in('KeyX', '现场仍未亮');
    await picture(page, 'incident-reject');
    await page.keyboard.press('Control+Enter');
    await has(page, '.panel h2', '办理中');
    assert.equal(city.tasks[0].state, 'signed');
    as(2004, 'e', { task_reply: { task, solved: 'yes' } }, { text: '已接通电源' });
    await has(page, '.panel h2', '待告知');
    await fill_in('KeyT');
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('Control+Enter');
    await has(page, '.panel h2', '待评价');
    await fill_in('KeyS');
    for (const word of ['contacted', 'solved', 'satisfied']) {
        await page.focus(`#doing-${word}-yes`);
        await page.keyboard.press('Digit1');
    }
    await page.keyboard.press('Control+Enter');
    await has(page, '.panel h2', '已办结');
    await fill_in('KeyO');
    await page.keyboard.press('Control+Enter');
    await has(page, '.panel h2', '重办');
    await fill_in('KeyD');
    await page.keyboard.press('Control+Enter');
    await has(page, '.panel h2', '待签收');
    assert.equal(city.tasks.length, 2);
    await page.keyboard.press('Escape');
    await until(page, 'back in the list', () => !document.querySelector('.panel') && document.activeElement?.id === 'late-list');
});

story('a call taker finds a closed incident by its number, also by the serial of today', async ({ open, city }) => {
    const as = (key, body) => city.command(city.users.find((one) => one.user === 1001), { key, ...body });
    const { incident, number } = as('a', { incident_register: { line: 12345, category: 310100 }, personal: { text: '问社保' } });
    as('b', { incident_answer_directly: { incident } });
    const page = await open('1001', { timezone: 'America/New_York' });
    await has(page, '.seat', '离席');
    await page.focus('#queue-list');
    await page.keyboard.press('Slash');
    await page.keyboard.type(number);
    await page.keyboard.press('Enter');
    await has(page, '.panel h2', '直接答复');
    await picture(page, 'incident-taker');
});

story('a department that is late shows among the overdue, though its incident has no clock of its own', async ({ open, city }) => {
    const as = (key, body) => city.command(city.users.find((one) => one.user === 1001), { key, ...body });
    const { incident } = as('a', { incident_register: { line: 12345, category: 220100 }, personal: { text: '路灯' } });
    as('b', { incident_dispatch: { incident, lead: 4 } });
    Object.assign(city.incidents[0], { due_ms: '0', clock: 'none' });
    Object.assign(city.tasks[0], { due_ms: String(Date.now() - 60000), overdue: true });
    const page = await open('3001');
    await has(page, '#late-list', '城市管理局');
    await has(page, '#late-list', '超时 1:');
});

story('times are the city\'s, wherever the seat stands', async ({ open }) => {
    const page = await open('3001', { timezone: 'America/New_York' });
    const city_time = () => new Date(Date.now() + 8 * 3600000).toISOString().slice(11, 16);
    await until(page, 'the city\'s hour', (hours) => hours.includes(document.querySelector('.bar time')?.textContent?.slice(0, 5)),
        [city_time(), new Date(Date.now() + 8 * 3600000 + 60000).toISOString().slice(11, 16)]);
});

story('a supervisor who may also take calls is not signed on by looking', async ({ open, city }) => {
    const page = await open('3002');
    await page.waitForSelector('.page.supervisor #seats-list');
    await page.waitForTimeout(300);
    assert.deepEqual(city.takers, []);
});

story('a supervisor makes a seat away and ready', async ({ open, city }) => {
    const taker = await open('1001');
    await has(taker, '.seat', '离席');
    const page = await open('3001');
    await has(page, '#seats-list', '1001 张敏');
    await page.focus('#seats-list');
    await page.keyboard.press('KeyG');
    await has(taker, '.seat .state', '就绪');
    await page.keyboard.press('KeyB');
    await has(taker, '.seat .state', '班长指定');
    assert.equal(city.takers[0].reason, 'supervisor');
});

story('an auditor finds an incident, its chain, its readers and its recording', async ({ open, post, city }) => {
    const taker = await open('1001');
    await ready(taker);
    await post('/test/call', { line: 119, number: '13912345678' });
    await take_fire(taker);
    await taker.keyboard.press('Control+Enter');
    await has(taker, '.finished', '已派发');
    await taker.keyboard.press('Shift+F2');
    await has(taker, '.seat .state', '话后');
    const page = await open('4001');
    await page.focus('#audit-number');
    await page.keyboard.type(`${city.incidents[0].number.slice(0, 8)}-000001`);
    await page.keyboard.press('Enter');
    await has(page, '.sheet .trail', 'incident_registered');
    await has(page, '.sheet .chain', '链值');
    await picture(page, 'auditor');
    await page.keyboard.press('Digit2');
    await has(page, '#audit-sheet', '接听');
    await page.keyboard.press('Digit1');
    await page.waitForSelector('.sound audio');
    await page.focus('#audit-results');
    await page.keyboard.press('F2');
    await until(page, 'the recording plays', () => (document.querySelector('audio')?.currentTime ?? 0) > 0);
    await until(page, 'the record that happened then stands out', () => document.querySelector('.trail .marked'));
    await has(page, '.moments', '0:0');
    assert.ok(city.events.some((row) => row.event.personal_was_read?.reason === 'audit'));
    await page.keyboard.press('KeyV');
    await has(page, '.sound', '与轨迹中的哈希一致');
    city.recordings[0].digest = '00'.repeat(32);
    await page.reload();
    await page.focus('#audit-number');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.sound audio');
    await page.keyboard.press('KeyV');
    await has(page, '.sound', '不符');
    await page.keyboard.press('Shift+KeyV');
    await has(page, '.sheet', '条记录与签名检查点一致');
    await picture(page, 'auditor-check');
    await page.focus('#audit-results');
    await page.keyboard.press('Digit5');
    await has(page, '#erasures', '待审计员审批');
    await has(page, '#erasures', '批准 7');
    await page.focus('#erasures');
    await page.keyboard.press('KeyT');
    await has(page, '#erasures', '42');
    await has(page, '#erasures', '刑事追诉时效');
    await picture(page, 'auditor-erasures');
    const forged = city.events.find((row) => row.event.incident_registered);
    forged.record = forged.record.replace('22', '23');
    await page.keyboard.press('Shift+KeyV');
    await has(page, '.sheet', `在记录 #${forged.seq} 处不符`);
});

story('a history that was written anew with the city\'s own key stands on every page', async ({ open, post, city }) => {
    const believed = (page) => until(page, 'a checkpoint is remembered', () => JSON.parse(localStorage.getItem('yihao.history') ?? '{}').last?.seq > 0);
    await post('/test/call', { line: 119, number: '13912345678' });
    const page = await open('4001');
    await believed(page);
    for (const row of city.events) row.link = row.link.replace(/../g, (two) => (parseInt(two, 16) ^ 1).toString(16).padStart(2, '0'));
    await post('/test/call', { line: 119, number: '13912345678' });
    await page.reload();
    await has(page, '.stale.doubt', '历史被改写');
    await page.keyboard.press('Control+F10');
    await until(page, 'it stands over the locked page, too', () => document.querySelector('.stale.doubt')?.checkVisibility());
    await picture(page, 'history-doubted');
    await page.reload();
    await has(page, '.stale.doubt', '此前所见不一致');
});

story('an auditor finds by telephone, which is an event, proves who it is and takes the list along', async ({ open, post, city }) => {
    const as = (key, body, personal) => city.command(city.users.find((one) => one.user === 1001), { key, ...body, personal });
    as('a', { incident_register: { line: 12345, category: 220100 } }, { text: '路灯不亮', number: '13512345678' });
    as('b', { incident_register: { line: 12345, category: 210100 } }, { text: '停水', number: '13612340000' });
    city.incidents.find((one) => one.category === 220100).caller = '6678';
    await post('/test/state', { stale: true }); // signed in long ago
    const page = await open('4001');
    await page.focus('#audit-phone');
    await page.keyboard.type('135 1234 5678');
    await page.keyboard.press('Enter');
    await has(page, '#audit-results', '路灯不亮');
    assert.equal(await page.locator('#audit-results li').count(), 1);
    assert.ok(city.events.some((row) => row.event.personal_was_read?.caller === '6678'), 'who asked whose number it is stands in the trail');
    const saved = page.waitForEvent('download');
    await page.keyboard.press('KeyC');
    await page.waitForSelector('dialog.prove[open]');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await has(page, 'dialog.prove', '密码');
    assert.ok(!city.events.some((row) => row.event.export_begun), 'nothing leaves before the proof');
    await picture(page, 'prove');
    await until(page, 'the field is empty again', () => document.querySelector('#prove-password')?.value === '');
    await page.keyboard.type('secret');
    await page.keyboard.press('Enter');
    const text = await (await (await saved).createReadStream()).toArray();
    assert.match(Buffer.concat(text).toString(), /^\ufeffzh[^]*220100/, 'the server made it, in the language of the page');
    assert.equal(city.events.filter((row) => row.event.export_begun).length, 1);
    const paper = page.waitForEvent('download'); // P: the case on paper, with what was said
    await page.selectOption('.sheet .acts select', 'open');
    await page.focus('#audit-results');
    await page.keyboard.press('KeyP');
    assert.match((await paper).suggestedFilename(), /-\d+\.pdf$/);
    const list = page.waitForEvent('download');
    await page.keyboard.press('Shift+KeyP');
    assert.match((await list).suggestedFilename(), /^incidents-\d+\.pdf$/);
    assert.equal(city.events.filter((row) => row.event.export_begun?.kind === 'sheet').length, 2);
    await page.fill('#audit-phone', '');
    await page.fill('#audit-words', '停水'); // cases in which this was said: the server makes their table, too
    await page.keyboard.press('Enter');
    await has(page, '#audit-results', '停水');
    await page.focus('#audit-results');
    const said = page.waitForEvent('download');
    await page.keyboard.press('KeyC');
    const table = Buffer.concat(await (await (await said).createReadStream()).toArray()).toString();
    assert.match(table, /210100/);
    assert.doesNotMatch(table, /220100/);
    await page.fill('#audit-words', '');
    await page.focus('#audit-category');
    await page.keyboard.type('210100');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Enter');
    await has(page, '#audit-results', '停水');
    assert.equal(await page.locator('#audit-results li').count(), 1);
    assert.deepEqual(await axe(page), []);
});

story('figures stand with their formula, interval and version; the file is the server\'s and an event', async ({ open, city }) => {
    const page = await open('3001');
    await page.click('a[href="#figures"]');
    await has(page, '.judged', '90.00 %');
    await has(page, '.judged', '(answered) / (offered)');
    await has(page, '.judged', '9 / 10');
    await has(page, '.judged', '59.6–98.2 %');
    await has(page, '.judged', '口径第 3 版');
    await page.focus('.judged .scroll');
    const saved = page.waitForEvent('download');
    await page.keyboard.press('KeyC');
    assert.equal((await saved).suggestedFilename(), `figures-${city.seq}.csv`);
    assert.ok(city.events.at(-1).event.export_begun);
    await page.selectOption('#figures-scope', 'city');
    await page.keyboard.press('Control+Enter');
    await has(page, '.judged', '没有数据');
});

story('behind the lock a call is answered and ended, and nothing can be read', async ({ open, post, city }) => {
    const page = await open('1001');
    await ready(page);
    await page.fill('#form-text', '写了一半的记录');
    await page.keyboard.press('Control+F10');
    await page.fill('#unlock', 'secret');
    await page.keyboard.press('Enter');
    await has(page, '.seat .state', '就绪');
    assert.equal(await page.inputValue('#form-text'), '写了一半的记录');
    await page.keyboard.press('Control+F10');
    await page.waitForSelector('main.locked');
    await post('/test/call', { line: 119, number: '13912345678' });
    await page.waitForSelector('main.locked .ring.on');
    await picture(page, 'locked');
    assert.equal(await page.isVisible('#form-text'), false);
    assert.doesNotMatch(await text_of(page, 'main.locked'), /139|写了一半/);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('F2');
    await has(page, 'main.locked', '挂断');
    assert.equal(city.contacts[0].state, 'connected');
    await page.keyboard.press('F9'); // no key but the telephone's
    await page.keyboard.press('Shift+F2');
    await until(page, 'the call is over', () => !document.querySelector('main.locked .ring-main strong'));
    await page.reload();
    await page.waitForSelector('main.locked');
    await page.fill('#unlock', 'wrong');
    await page.keyboard.press('Enter');
    await has(page, 'main.locked', '密码');
    await page.fill('#unlock', 'secret');
    await page.keyboard.press('Enter');
    await has(page, '.seat .state', '话后');
});

story('letters in order find initials and Chinese words, and no English phrase', async ({ open }) => {
    const page = await open('1001');
    const found = (text) => page.evaluate(async (typed) => {
        const { find } = await import('/app/pick.js');
        return find([{ key: 1, code: '110300', label: '', search: '110300\n绑架、非法拘禁\nkidnapping, unlawful detention\nbjffjj' },
            { key: 2, code: '150100', label: '', search: '150100\n建筑火灾报警\nbuilding on fire\njzhzbj' }], typed).map((one) => one.key);
    }, text);
    assert.deepEqual(await found('dianti'), [], 'd, i, a, n, t, i stand in order in "kidnapping, unlawful detention"');
    assert.deepEqual(await found('火警'), [2]);
    assert.deepEqual(await found('jzbj'), [2]);
    assert.deepEqual(await found('detention'), [1]);
});

story('an input method keeps its keys', async ({ open, city }) => {
    const page = await open('1001');
    await page.focus('#form-text');
    const keyboard = await page.context().newCDPSession(page);
    await keyboard.send('Input.imeSetComposition', { text: 'huo', selectionStart: 3, selectionEnd: 3 });
    for (const modifiers of [0, 2])
        await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229, modifiers });
    await keyboard.send('Input.insertText', { text: '火灾' });
    await has_value(page, '#form-text', '火灾');
    assert.equal(await page.locator('.field.wrong').count(), 0, 'the form was not sent while composing');
    await page.focus('#form-category');
    await page.keyboard.type('1');
    await page.waitForSelector('#form-category-list:not([hidden])');
    await keyboard.send('Input.imeSetComposition', { text: 'h', selectionStart: 1, selectionEnd: 1 });
    await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Process', code: 'Enter', windowsVirtualKeyCode: 229 });
    await keyboard.send('Input.insertText', { text: '２' });
    await has_value(page, '#form-category', '1２');
    await page.waitForTimeout(60);
    await page.keyboard.type('01');
    await has(page, '#form-category-list', '120100'); // full-width digits are plain ones
    await page.keyboard.press('Enter');
    assert.match(await page.inputValue('#form-category'), /120100 突发疾病/);
    assert.equal(city.incidents.length, 0);
});

story('single letters do nothing inside fields', async ({ open, city }) => {
    const user = city.users.find((one) => one.user === 1001);
    const { incident } = city.command(user, { key: 'a', incident_register: { line: 12345, category: 220100 } });
    city.command(user, { key: 'b', incident_dispatch: { incident, lead: 4 } });
    const page = await open('2004');
    await has(page, '#inbox-list', '路灯不亮');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('KeyA');
    await has(page, '.task h2', '已签收');
    await page.focus('#dept-reply');
    await page.keyboard.type('r12a');
    assert.equal(await page.inputValue('#dept-reply'), 'r12a');
    assert.equal(city.tasks[0].state, 'signed');
});

story('typed words survive a reload', async ({ open }) => {
    const page = await open('1001');
    await page.focus('#form-text');
    await page.keyboard.type('老人走失，穿红色上衣');
    await page.reload();
    await has_value(page, '#form-text', '老人走失，穿红色上衣');
});

story('a dropped socket comes back by itself and misses nothing', async ({ open, post, city }) => {
    const page = await open('1001');
    await ready(page);
    await post('/test/drop');
    await post('/test/call', { line: 110, number: '13600000000' });
    await page.waitForSelector('.ring.on', { timeout: 3000 });
    await post('/test/state', { skip: true });
    await post('/test/call', { line: 12345, number: '13500000000' });
    await post('/test/call', { line: 122, number: '13500000001' });
    await has(page, '.queue', '12345', 3000);
    await until(page, 'live again', () => document.querySelector('.link.fresh'));
    assert.ok(city.hellos.length >= 3, 'the gap in prev made the page connect anew');
    assert.ok(city.hellos.at(-1).last > 0);
});

story('what cannot be delivered is kept, shown, and done once', async ({ open, post, city }) => {
    const page = await open('1001');
    await post('/test/state', { up: false });
    await has(page, '.stale', '调度中心无应答');
    await page.focus('#form-category');
    await page.keyboard.type('ldbl');
    await page.keyboard.press('Enter');
    await page.focus('#form-text');
    await page.keyboard.type('人民路路灯不亮');
    await page.keyboard.press('Control+Enter');
    await has(page, '.unsent', '未送达 1');
    await picture(page, 'taker-unsent');
    await page.reload();
    await has(page, '.unsent', '未送达 1');
    assert.equal(city.incidents.length, 0);
    await post('/test/state', { up: true });
    await until(page, 'nothing unsent', () => !document.querySelector('.unsent'), undefined, 8000);
    assert.equal(city.incidents.length, 1);
    await has(page, '.record h2', '000001');
    await page.keyboard.press('Control+Enter');
    await has(page, '.finished', '已派发');
    assert.equal(city.incidents.length, 1);
});

story('silence of the server is said in amber, then in red', async ({ open, post }) => {
    const page = await open('3001');
    await post('/test/state', { beats: false });
    await page.waitForSelector('.stale.amber', { timeout: 8000 });
    await page.waitForSelector('.stale.red', { timeout: 12000 });
    assert.deepEqual(await axe(page), []);
    await picture(page, 'supervisor-stale');
    await post('/test/state', { beats: true });
    await until(page, 'fresh again', () => !document.querySelector('.stale'));
});

story('a seat signed in elsewhere says so and stays quiet', async ({ open, city }) => {
    const page = await open('1001');
    await page.focus('#form-text');
    await page.keyboard.type('半句话');
    const before_hellos = city.hellos.length;
    city.close_sockets(4008);
    await has(page, '.stale', '已在别处登录');
    await page.waitForTimeout(1500);
    assert.equal(city.hellos.length, before_hellos);
    assert.equal(await page.inputValue('#form-text'), '半句话');
});

story('F6 walks every zone, F1 shows the keys, and each person puts them where they like', async ({ open }) => {
    const page = await open('1001');
    await has(page, '.seat', '离席');
    const seen = new Set();
    for (let i = 0; i < 6; i++) {
        await page.keyboard.press('F6');
        seen.add(await page.evaluate(() => document.activeElement?.closest('[data-zone]')?.getAttribute('data-zone')));
    }
    for (const zone of ['record', 'nearby', 'follow', 'queue']) assert.ok(seen.has(zone), `${zone} was not reached`);
    await page.keyboard.press('F1');
    await has(page, 'dialog.help', 'Shift');
    assert.deepEqual(await axe(page), []);
    const change = (key) => page.click(`dialog.help button[aria-label^="更改按键 ${key}:"]`);
    await change('F9');
    await has(page, '.help-said', '请按新键以替换 F9');
    await page.keyboard.press('F5'); // the browser's own
    await has(page, '.help-said', 'F5 不可用');
    await change('F9');
    await page.keyboard.press('Escape');
    await has(page, '.help-said', '未更改');
    await change('F9');
    await page.keyboard.press('F10'); // transfer stands there: they change places
    await has(page, '.help-said', '两者互换');
    await has(page, 'dialog.help', '默认 F9');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'help-keys');
    await page.keyboard.press('Escape');
    await until(page, 'help closed', () => !document.querySelector('dialog[open]'));
    await has(page, '.ring', 'F10');
    await page.keyboard.press('F9');
    await has(page, '.seat .state', '离席');
    await page.keyboard.press('F10');
    await has(page, '.seat .state', '就绪');
    await page.reload();
    await page.waitForSelector('.bar .link.fresh');
    await page.keyboard.press('F1');
    await has(page, 'dialog.help', '默认 F9');
    await page.click('dialog.help .act'); // as usual again
    await has(page, '.help-said', '已恢复');
    await until(page, 'the usual keys', () => !document.querySelector('dialog.help').textContent.includes('默认 F9'));
});

/** A city with something in every list. */
function fill(city) {
    let n = 0;
    const as = (user, body, personal) => city.command(city.users.find((one) => one.user === user), { key: `f${n++}`, ...body, personal });
    for (const user of [1002, 1003]) as(user, { taker_sign_on: {} });
    as(1003, { taker_away: { reason: 'meal' } });
    as(1002, { taker_ready: {} });
    city.arrive({ line: 110, number: '13600001234', channel: 'voice' });
    as(1002, { offer_accept: { offer: city.contacts[0].offer } });
    for (const [category, lead] of [[210200, 5], [220100, 4], [110200, 2], [140100, 1]]) {
        const { incident } = as(1002, { incident_register: { line: category < 200000 ? 119 : 12345, category, district: 340104 } }, { text: '示例' });
        as(1002, { incident_dispatch: { incident, lead, assists: [3] } });
    }
    as(2004, { task_send_back: { task: city.tasks.find((one) => one.department === 4).task, reason: 'territory' } });
    city.make_late();
    city.arrive({ line: 12345, number: '13500001234', channel: 'voice' });
    city.arrive({ line: 110, number: '13500001239', channel: 'sms', text: '救命' });
}

/** Every screen that is looked at: which page it is, who opens it, how it comes to stand. */
const screens = {
    'sign-in': { words: true, login: '', stand: (page) => page.waitForSelector('#login') },
    'taker-ringing': { page: 'taker', login: '1001', stand: async (page) => {
        await page.waitForSelector('#nearby-list li');
        await page.keyboard.press('F9');
        await page.waitForSelector('.ring.on');
    } },
    'taker-map': { words: true, page: 'taker', login: '1001', stand: async (page) => {
        await page.waitForSelector('#nearby-list li');
        await page.keyboard.press('Shift+F3');
        await until(page, 'a map', () => document.querySelector('#seat-map .leaflet-ground-pane canvas'));
    } },
    'supervisor-map': { page: 'supervisor', login: '3001', stand: async (page) => {
        await page.waitForSelector('#late-list li');
        await page.keyboard.press('KeyM');
        await until(page, 'a map', () => document.querySelector('#city-map .leaflet-ground-pane canvas'));
    } },
    'department-inbox': { page: 'department', login: '2001', stand: async (page) => {
        await page.waitForSelector('#inbox-list li');
        await page.keyboard.press('ArrowDown');
        await page.waitForSelector('.trail li');
    } },
    supervisor: { words: true, page: 'supervisor', login: '3001', stand: (page) => page.waitForSelector('#late-list li') },
    figures: { words: true, page: 'figures', login: '3001', stand: async (page) => {
        await page.click('a[href="#figures"]');
        await page.waitForSelector('.judged tbody tr');
    } },
    wall: { page: 'supervisor', login: '3001', options: { width: 1920, height: 1080, path: '/?wall=1' }, stand: (page) => page.waitForSelector('.wall-seats dd') },
    ruling: { words: true, page: 'ruling', login: '5001', stand: (page) => page.waitForSelector('#rulings-list') },
    locked: { login: '1001', stand: async (page) => {
        await page.waitForSelector('#nearby-list li');
        await page.keyboard.press('Control+F10');
        await page.waitForSelector('main.locked');
    } },
    'auditor-trail': { words: true, page: 'auditor', login: '4001', stand: async (page) => {
        await page.focus('#audit-number');
        await page.keyboard.press('Enter');
        await page.waitForSelector('.sheet .trail li');
    } },
};
const elsewhere = ['administrator']; // administrator.mjs, whose tables are the real programs'
test('every page there is is looked at', () => {
    const looked = new Set([...Object.values(screens).map((one) => one.page), ...elsewhere]);
    assert.deepEqual(pages_there_are().filter((page) => !looked.has(page)), []);
    assert.ok(pages_there_are().length >= 7);
});
/** An input method composes in every field there is, and nothing is sent by it. */
async function ime(page, name, city) {
    const said = city.events.length;
    await until(page, 'a field', (text) => [...document.querySelectorAll(text)].some((one) => one.checkVisibility()), TEXT);
    assert.ok(await composes(page, name) >= 1);
    assert.equal(city.events.length, said);
}
for (const [name, { login, options, stand, words }] of Object.entries(screens))
    story(`axe finds nothing and nothing overflows in three themes and two languages: ${name}`, async ({ open, city }) => {
        fill(city);
        const page = await open(login, { width: 1366, height: 768, ...options });
        await stand(page);
        if (words) await ime(page, name, city);
        await looks(page, name);
    });

/** Boxes with fields for words; those of one kind are one component. */
const boxes = {
    'what a petition asks': { login: '2001', stand: async (page) => {
        await page.waitForSelector('#inbox-list li');
        await page.keyboard.press('ArrowDown');
        await page.waitForSelector('.trail li');
        await page.keyboard.press('KeyR');
    } },
    'a note for the next shift': { login: '1001', stand: (page) => page.keyboard.press('Shift+F9') },
    'a notice to many': { login: '3001', stand: async (page) => {
        await page.keyboard.press('Shift+KeyM');
        await page.waitForSelector('#notice-list');
        await page.keyboard.press('KeyN');
        await page.waitForSelector('#notice-text');
    } },
};
for (const [name, { login, options, stand }] of Object.entries(boxes))
    story(`an input method composes in every field of: ${name}`, async ({ open, city }) => {
        fill(city);
        const page = await open(login, { width: 1366, height: 768, ...options });
        await stand(page);
        await ime(page, name, city);
    });

for (const language of ['zh', 'en'])
    story(`the wall is read from five metres: ${language}`, async ({ open, city }) => {
        fill(city);
        const page = await open('3001', { width: 1920, height: 1080, path: '/?wall=1', language });
        await page.waitForSelector('.wall-seats dd');
        await page.waitForSelector('.wall-late li');
        const small = await page.evaluate(() => [...document.querySelectorAll('.wall-page, .wall-page *')]
            .filter((one) => one.checkVisibility() && !one.closest('.sr') && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
            .map((one) => [parseFloat(getComputedStyle(one).fontSize), one.className, one.textContent.trim().slice(0, 30)]).filter(([px]) => px < 38));
        assert.deepEqual(small, [], '38 px are 16 minutes of arc on a 55 inch wall');
        const cut = await page.evaluate(() => [...document.querySelectorAll('.wall-page .zone, .wall-page header, .wall-page .figure, .wall-seats dt')]
            .filter((one) => (one.matches('.zone') && one.scrollHeight > one.clientHeight + 2) || one.scrollWidth > one.clientWidth + 2).map((one) => one.outerHTML.slice(0, 100)));
        await picture(page, `wall-${language}`);
        assert.deepEqual(cut, [], 'nothing is cut off');
    });

story('axe does find a planted fault', async ({ open }) => {
    const page = await open('');
    await page.waitForSelector('#login'); // the form stands: nothing replaces what is planted
    await page.evaluate(() => document.querySelector('main')?.appendChild(document.createElement('input')));
    assert.notDeepEqual(await axe(page), []);
});
