// SPDX-License-Identifier: GPL-3.0-or-later
// The call taker's panels in Chromium, against the fake console server, by keyboard alone: questions,
// place, units, likely duplicates, the queue explained, transfer, silence.
import assert from 'node:assert/strict';
import { axe, picture, until } from './browser.mjs';
import { focus_is, has, has_value, press, ready, story, take_fire } from './story.mjs';

async function talk(page, post, body = { line: 119, number: '13912345678' }) {
    await ready(page);
    await post('/test/call', body);
    await page.waitForSelector('.ring.on');
    await page.keyboard.press('F2');
    await has_value(page, '#form-number', body.number);
}

/** The caller is let go, the wrap-up ends. */
async function let_go(page) {
    await press(page, 'Key:Shift+F2');
    await has(page, '.seat .state', '话后');
    await press(page, 'Key:Control+Enter');
    await has(page, '.seat .state', '就绪');
}

story('questions fill the form, the place brings the district, the plan says why each unit goes', async ({ open, post, city }) => {
    const page = await open('1001');
    await talk(page, post);
    await press(page, 'jmlh', 'Key:Enter', 'Key:F4');
    await focus_is(page, 'guide-words');
    await press(page, '人民路88号3栋', 'Key:Enter');
    await has(page, '.guide-answers', '住宅');
    await has_value(page, '#form-address', '人民路88号3栋');
    await has(page, '.guide-head', 'v3');
    await focus_is(page, 'guide-box');
    await press(page, '1');
    await has(page, '.instruct', '不要坐电梯');
    await focus_is(page, 'guide-words');
    await press(page, '２', 'Key:Enter'); // full-width digits are plain ones
    await has(page, '.guide-head', '有人被困');
    await has_value(page, '#form-text', '被困人数2');
    await page.focus('#form-place');
    await press(page, '101,101', 'Key:Enter');
    await has_value(page, '#form-district', '蜀山区');
    await page.keyboard.press('Control+Shift+Enter');
    await has(page, '.plan.newest', '距离最近');
    await has(page, '.plan.newest .over', '无此类力量');
    assert.equal(city.incidents[0].state, 'registered', 'nobody was sent yet');
    assert.deepEqual([city.incidents[0].east_cell, city.incidents[0].north_cell, city.incidents[0].district], [101, 101, 340104]);
    await page.keyboard.press('Control+Enter');
    await has(page, '.plan.newest', '已调派');
    assert.equal(city.board.find((row) => row.unit === 301).state, 'alerted');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'taker-plan');
});

story('what was asked before at this place stands beside the caller, and opens', async ({ open, post, city }) => {
    const does = (key, body) => city.command(city.users.find((one) => one.user === 1001), { key, ...body });
    const { incident } = does('a', { incident_register: { line: 110, category: 130200, east_cell: 101, north_cell: 101 } });
    Object.assign(city.incidents[0], { state: 'closed' });
    const page = await open('1001');
    await talk(page, post);
    await page.focus('#form-place');
    await press(page, '101,101', 'Key:Enter');
    await has(page, '#place-history-list', '噪音扰民');
    assert.deepEqual(await axe(page), []);
    await page.focus('#place-history-list');
    await press(page, 'Key:Enter');
    await has(page, '.panel h2', city.incidents.find((one) => one.incident === incident).number.slice(-6));
});

story('a category is found by whole pinyin, initials, Chinese words or its code, a department by how it is read', async ({ open, post }) => {
    const page = await open('1001');
    await talk(page, post);
    for (const typed of ['jinggaiqueshi', 'jgqs', 'jinggqs', '井盖', '230100']) {
        await page.focus('#form-category');
        await press(page, typed);
        await has(page, '#form-category-list [aria-selected=true]', '井盖缺失');
        await press(page, 'Key:Escape', 'Key:Tab');
    }
    await page.focus('#form-category');
    await press(page, 'jinggaiqueshi', 'Key:Enter');
    await has_value(page, '#form-category', '230100 井盖缺失');
    await page.focus('#form-district');
    await press(page, 'shushan', 'Key:Enter');
    await has_value(page, '#form-district', '蜀山区');
});

story('an emergency without a place asks for it once; the second press goes', async ({ open, post, city }) => {
    const page = await open('1001');
    await talk(page, post);
    await press(page, 'jmlh', 'Key:Enter');
    await page.focus('#form-text');
    await press(page, '来电人说不清在哪', 'Key:Control+Enter');
    await has(page, '#form-place-error', '位置或区县');
    await focus_is(page, 'form-place');
    assert.equal(city.incidents.length, 0);
    await page.keyboard.press('Control+Enter');
    await has(page, '.finished', '已派发');
    await has(page, '.plan.newest', '地点不明');
});

story('likely duplicates say why before anything is saved; a new one is linked', async ({ open, post, city }) => {
    const page = await open('1001');
    await ready(page);
    await post('/test/call', { line: 119, number: '13912345678' });
    await take_fire(page);
    await press(page, 'Key:Control+Enter');
    await has(page, '.finished', '已派发');
    await let_go(page);
    await post('/test/call', { line: 119, number: '13666666666' });
    await page.waitForSelector('.ring.on');
    await press(page, 'Key:F2');
    await has_value(page, '#form-number', '13666666666');
    await press(page, 'jmlh', 'Key:Enter', 'Key:Tab', '蜀山', 'Key:Enter');
    await has(page, '#nearby-list .like', '同类 · 位置相近');
    await page.focus('#nearby-list');
    await press(page, 'Key:KeyG');
    await has(page, '#nearby-list', '将关联');
    await page.focus('#form-text');
    await press(page, '隔壁楼也着了', 'Key:Control+Enter');
    await has(page, '.finished', '000002');
    await page.waitForTimeout(100);
    assert.ok(city.events.some((row) => row.event.incident_linked?.other === city.incidents[1].incident));
});

story('who talks sees when a leg turns poor, and the supervisor at which seat', async ({ open, post, city }) => {
    const page = await open('1001');
    await talk(page, post, { line: 110, number: '13600005678' });
    const boss = await open('3001');
    const [contact] = city.contacts;
    Object.assign(contact, { citizen_sound: 'poor', citizen_lost: 83, citizen_jitter_ms: 12 });
    city.say('sound_reported', { side: 'citizen', state: 'poor' }, { contact: contact.contact });
    await has(page, '.call-box [role=alert]', '差');
    await has(page, '.call-box [role=alert]', '8.3');
    await has(boss, '#seats-list', '话音差');
    assert.deepEqual(await axe(page), []);
});

story('what must be read and tests step aside for a call', async ({ open, post }) => {
    const page = await open('1001');
    await ready(page);
    for (const [key, dialog] of [['F8', 'dialog.reading:not(.exam)[open]'], ['F7', 'dialog.exam[open]']]) {
        await page.keyboard.press(`Control+${key}`);
        await page.waitForSelector(dialog);
    }
    await post('/test/call', { line: 119, number: '13912345678' });
    await page.waitForSelector('.ring.on');
    await until(page, 'both are closed', () => !document.querySelector('dialog.reading[open]'));
    await page.keyboard.press('F2');
    await has_value(page, '#form-number', '13912345678');
});

story('F2 behind a telephone that lifted by itself is no fault; behind a call that somebody else has, it is', async ({ open, post, city }) => {
    const page = await open('1001');
    await ready(page);
    await post('/test/call', { line: 119, number: '13912345678' });
    await page.waitForSelector('.ring.on');
    const [contact] = city.contacts; // lifted: the page was not told yet
    Object.assign(contact, { state: 'connected', connected_ms: String(Date.now()), offer: '0', ringing: false });
    Object.assign(city.takers.find((one) => one.taker === 1001), { state: 'talking', contact: contact.contact });
    await press(page, 'Key:F2');
    await has(page, '.caller', '通话中');
    assert.equal(await page.locator('.notice').count(), 0);
    await let_go(page);
    await post('/test/call', { line: 119, number: '13666666666' });
    await page.waitForSelector('.ring.on');
    Object.assign(city.contacts.find((one) => one.state === 'offered'), { state: 'connected', connected_ms: String(Date.now()), offer: '0', ringing: false, taker: 1002 });
    await press(page, 'Key:F2');
    await has(page, '.notice.bad', '来电已不在此坐席');
});

story('E explains a place in the queue', async ({ open, post }) => {
    const page = await open('1001');
    await post('/test/call', { line: 110, number: '13600000000' });
    await post('/test/call', { line: 12345, number: '13500000000' });
    await has(page, '#queue-list', '12345');
    await page.focus('#queue-list');
    await press(page, 'Key:ArrowDown', 'Key:KeyE');
    await has(page, '.explain', '第 2 位，共 2');
    await has(page, '.explain', '等级更高');
    await has(page, '.explain', '座席全忙');
    await press(page, 'Key:Escape');
    await focus_is(page, 'queue-list');
});

story('a conversation is handed over with a word', async ({ open, post, city }) => {
    const sender = await open('1001');
    await talk(sender, post);
    const receiver = await open('1002');
    await ready(receiver);
    await press(sender, 'Key:F10');
    await focus_is(sender, 'call-way');
    await sender.selectOption('#call-way', 'taker');
    await sender.focus('#call-taker');
    await press(sender, '李强', 'Key:Enter', 'Key:Control+Enter');
    await has(sender, '.call-box', '正在呼叫');
    await receiver.waitForSelector('.ring.on');
    await press(receiver, 'Key:F2');
    await has(receiver, '.caller', '通话中');
    await has(sender, '.call-box', '可交接');
    await sender.focus('#call-box');
    await press(sender, 'Key:KeyO');
    await has(sender, '.seat .state', '话后');
    assert.equal(city.contacts[0].taker, 1002);
    assert.deepEqual(await axe(receiver), []);
});

story('a caller is parked by a key, an emergency is taken meanwhile, and the first is taken back', async ({ open, post, city }) => {
    const page = await open('1001');
    await talk(page, post, { line: 12345, number: '13912345678' });
    await page.focus('#form-text');
    await press(page, '路灯不亮');
    await press(page, 'Key:Control+KeyK'); // from everywhere
    await has(page, '.ring #parked', '驻留中 1');
    await has(page, '.seat .state', '就绪');
    await has(page, '#queue-list', '驻留');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'taker-parked');
    await post('/test/call', { line: 119, number: '13800000001' });
    await page.waitForSelector('.ring.on.emergency');
    await press(page, 'Key:F2');
    await has_value(page, '#form-number', '13800000001');
    await has_value(page, '#form-text', '');
    await let_go(page);
    await press(page, 'Key:Control+KeyK');
    await has(page, '.ring.on', '驻留回振');
    await press(page, 'Key:F2');
    await has_value(page, '#form-text', '路灯不亮'); // as it was left
    await until(page, 'nobody is parked', () => !document.getElementById('parked'));
    await press(page, 'Key:Control+KeyK');
    await has(page, '#queue-list', '驻留');
    await page.focus('#queue-list');
    await press(page, 'Key:ArrowDown');
    await press(page, 'Key:KeyT'); // the same from the queue, whoever parked them
    await has(page, '.ring.on', '驻留回振');
    assert.equal(city.contacts.filter((one) => one.state === 'offered').length, 1);
});

story('a taker mutes themselves, a citizen is held and resumed; a department is called in, hears keys, and leaves', async ({ open, post, city }) => {
    const page = await open('1001');
    await talk(page, post);
    await page.focus('#call-box');
    assert.equal(await page.$('#muted'), null);
    await page.focus('#form-category');
    await press(page, 'Key:Control+KeyM'); // from everywhere
    await has(page, '.bar #muted', '来电人听不到您');
    await picture(page, 'taker-muted');
    assert.deepEqual(await axe(page), []);
    await press(page, 'Key:Control+KeyM');
    await until(page, 'heard again', () => !document.getElementById('muted'));
    await page.focus('#call-box');
    await press(page, 'Key:KeyH');
    await has(page, '.call-box', '市民已保持');
    await press(page, 'Key:KeyH');
    await until(page, 'talking again', () => !document.querySelector('.call-box').textContent.includes('市民已保持'));
    await press(page, 'Key:KeyI');
    await focus_is(page, 'call-way');
    await page.focus('#call-department');
    await press(page, 'JJ', 'Key:Enter', 'Key:Control+Enter');
    await has(page, '.parties', '急救中心');
    assert.deepEqual(city.taking_part.map((one) => [one.department, one.role]), [[3, 'guest']]);
    assert.deepEqual(await axe(page), []);
    await picture(page, 'taker-third');
    await page.focus('#call-box');
    await press(page, 'Key:KeyD', 'Key:ArrowDown', 'Key:Tab', '８００1 #'); // full-width digits are plain ones
    assert.deepEqual(await axe(page), []);
    await picture(page, 'taker-keys');
    await press(page, 'Key:Control+Enter');
    await until(page, 'keys are pressed', () => !document.querySelector('#call-keys'));
    const { keys, department } = city.events.findLast(({ event }) => event.keys_pressed).event.keys_pressed;
    assert.deepEqual([keys, department], ['8001#', 3]);
    await page.focus('#call-box');
    await press(page, 'Key:KeyP', 'Key:Control+Enter');
    await until(page, 'nobody else', () => !document.querySelector('.parties'));
});

story('a caller who is not heard goes through the procedure', async ({ open, post, city }) => {
    const page = await open('1001');
    await talk(page, post, { line: 110, number: '13600001234' });
    await page.focus('#call-box');
    await press(page, 'Key:KeyS');
    await has(page, '.call-box', '已提示');
    await page.focus('#call-box');
    await press(page, 'Key:KeyM');
    await focus_is(page, 'call-kind-nuisance');
    await press(page, '2', 'Key:Control+Enter');
    while (!city.marks.length) await page.waitForTimeout(20); // an earlier step's notice says the same
    assert.equal(city.marks[0].kind, 'hearing');
    await page.focus('#call-box');
    await press(page, 'Key:KeyH');
    await has(page, '.call-box', '听到声音');
});

story('a text is answered by text: lines of both sides, and how far each came', async ({ open, post, city }) => {
    const page = await open('1001');
    await ready(page);
    await post('/test/text', { line: 110, number: '13700001111', text: '有人跟踪我' });
    await page.waitForSelector('.ring.on');
    await press(page, 'Key:F2');
    await has(page, '.chat-lines .theirs', '有人跟踪我');
    await press(page, 'Key:F8');
    await focus_is(page, 'chat-words');
    const keyboard = await page.context().newCDPSession(page);
    await keyboard.send('Input.imeSetComposition', { text: 'ni', selectionStart: 2, selectionEnd: 2 });
    await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 });
    await keyboard.send('Input.insertText', { text: '您在哪里？请保持安静' });
    await has_value(page, '#chat-words', '您在哪里');
    assert.equal(city.messages.length, 1, 'nothing was sent while composing');
    await page.waitForTimeout(60);
    await press(page, 'Key:Enter');
    await has(page, '.chat-lines .ours', '请保持安静');
    assert.equal(await page.inputValue('#chat-words'), '');
    city.receipt('sent');
    await has(page, '.receipt', '✓');
    city.receipt('delivered');
    await has(page, '.receipt', '已送达');
    await post('/test/text', { line: 110, number: '13700001111', text: '地铁站二号口' });
    await has(page, '.chat-lines li:last-child', '地铁站二号口');
    const reads = city.events.filter((row) => row.event.personal_was_read?.seq).map((row) => row.event.personal_was_read.seq);
    assert.equal(new Set(reads).size, reads.length, 'each line is read once');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'taker-chat');
    await press(page, 'Key:Shift+F2');
    await has(page, '.seat .state', '话后');
});

story('what became of a call is said by one digit; a line that wants it keeps the wrap-up until then', async ({ open, post, city }) => {
    const page = await open('1001');
    await talk(page, post, { line: 122, number: '13912345678' });
    await press(page, 'Key:Shift+F2');
    await has(page, '#wrap-box', '该号线须填写');
    await press(page, 'Key:Control+Enter');
    await has(page, '.notice', '须先登记来电结果');
    await until(page, 'focus in the results', () => document.activeElement?.closest('#wrap-box'));
    assert.deepEqual(await axe(page), []);
    await picture(page, 'taker-disposition');
    await press(page, '3');
    await until(page, 'wrong number chosen', () => document.getElementById('disposition-5')?.checked);
    assert.equal(city.contacts[0].disposition, 5);
    await press(page, 'Key:Control+Enter');
    await has(page, '.seat .state', '就绪');
});

story('a note for the next shift survives a crash, waits for the colleague, and is gone when it was taken', async ({ open, city }) => {
    const page = await open('1001');
    await has(page, '.seat', '离席');
    await press(page, 'Key:Shift+F9');
    await focus_is(page, 'note-text');
    await press(page, '临江路停水');
    await page.reload();
    await has(page, '.seat', '离席');
    await press(page, 'Key:Shift+F9');
    await has_value(page, '#note-text', '临江路停水');
    await press(page, '，20点前须回电');
    await page.selectOption('#note-to', 'taker');
    await page.focus('#note-taker');
    await press(page, '李强', 'Key:Enter', 'Key:Control+Enter'); // not on duty yet
    await until(page, 'the note is left', () => !document.querySelector('.note-form'));
    assert.equal(city.handovers[0].to_taker, 1002);
    const other = await open('1002');
    await has(other, '#handover-list', '张敏');
    await other.focus('#handover-list');
    await press(other, 'Key:Enter');
    await has(other, '.handovers .said', '20点前须回电');
    assert.deepEqual(await axe(other), []);
    await picture(other, 'taker-handover');
    await other.focus('#handover-list');
    await press(other, 't');
    await until(other, 'taken', () => !document.querySelector('#handover-list'));
    assert.ok(city.events.some((row) => row.event.personal_was_read?.reason === 'handover'));
});
