// SPDX-License-Identifier: GPL-3.0-or-later
// Incidents that belong together or to nobody, by keyboard alone: merged and taken apart, split, disputed
// and ruled, and a department that is called back.
import assert from 'node:assert/strict';
import { axe, picture, until } from './browser.mjs';
import { has, press, story } from './story.mjs';

const as = (city) => (user, key, body, personal) => city.command(city.users.find((one) => one.user === user), { key, ...body, personal });

/** Opens the incident of these words in the supervisor's list of all that is open. */
async function open_one(page, words) {
    await page.focus('#late-list');
    await has(page, '.late h2', '超时事件');
    await press(page, 'Key:KeyA');
    await has(page, '#late-list', words);
    await press(page, 'Key:Home');
    while (!(await page.textContent('#late-list [aria-selected=true]')).includes(words)) await press(page, 'Key:ArrowDown');
    await press(page, 'Key:Enter');
    await has(page, '.panel h2', words);
    await until(page, 'focus in the panel', () => document.querySelector('.panel')?.contains(document.activeElement));
}
const form_stands = (page) => until(page, 'focus in the form', () => document.activeElement?.closest('.doing-form'));

story('an incident is merged into another and taken out again', async ({ open, city }) => {
    const does = as(city);
    const first = does(1001, 'a', { incident_register: { line: 119, category: 110100, district: 340104 } }, { text: '楼上着火' });
    does(1001, 'b', { incident_register: { line: 119, category: 110200, district: 340104 } }, { text: '车也着火' });
    const page = await open('3001');
    await open_one(page, '车辆火灾');
    await press(page, 'Key:KeyM');
    await form_stands(page);
    await press(page, first.number.slice(-6));
    assert.deepEqual(await axe(page), []);
    await press(page, 'Key:Control+Enter');
    await has(page, '.panel h2', '已并单');
    assert.equal(city.incidents.find((one) => one.category === 110200).state, 'merged');
    await press(page, 'Key:KeyH');
    await form_stands(page);
    await press(page, '2', 'Key:Control+Enter');
    await until(page, 'on its own again', () => !document.querySelector('.panel h2').textContent.includes('已并单'));
    assert.ok(city.events.some((row) => row.event.incident_unmerged));
});

story('of two callers in one incident one is split off', async ({ open, post, city }) => {
    const does = as(city);
    const { incident } = does(1001, 'a', { incident_register: { line: 12345, category: 210200 } }, { text: '漏水' });
    for (const number of ['13500000001', '13500000002']) await post('/test/call', { line: 12345, number });
    for (const contact of city.contacts) Object.assign(contact, { incident });
    const page = await open('3001');
    await open_one(page, '自来水漏水');
    await press(page, 'Key:KeyB');
    await form_stands(page);
    await page.selectOption('#doing-contact', city.contacts[1].contact);
    await press(page, 'Key:Control+Enter');
    await has(page, '.notices', '拆单');
    assert.equal(city.incidents.length, 2);
    assert.notEqual(city.contacts[1].incident, incident);
});

story('a dispute is opened by the supervisor and ruled by who may', async ({ open, city }) => {
    const does = as(city);
    const { incident } = does(1001, 'a', { incident_register: { line: 12345, category: 220100 } }, { text: '路灯' });
    does(1001, 'b', { incident_dispatch: { incident, lead: 4 } });
    const page = await open('3001');
    await open_one(page, '路灯不亮');
    await press(page, 'Key:Digit3');
    await form_stands(page);
    await press(page, 'DL', 'Key:Enter', 'Key:Control+Enter');
    await has(page, '.panel h2', '争议');
    const judge = await open('6001');
    await has(judge, '#cases-list', '路灯不亮');
    await judge.focus('#cases-list');
    await press(judge, 'Key:Home', 'Key:Enter');
    await has(judge, '.panel h2', '争议');
    await until(judge, 'focus in the panel', () => document.querySelector('.panel')?.contains(document.activeElement));
    await press(judge, 'Key:Digit3');
    await form_stands(judge);
    await judge.focus('#doing-lead');
    await press(judge, 'DL', 'Key:Enter');
    await judge.focus('#doing-text');
    await press(judge, '由供电公司办理', 'Key:Control+Enter');
    await has(judge, '.panel h2', '待签收');
    assert.equal(city.incidents[0].lead, 6);
    await picture(judge, 'ruling-dispute');
});

story('a department is called back from a task', async ({ open, city }) => {
    const does = as(city);
    const { incident } = does(1001, 'a', { incident_register: { line: 12345, category: 230100 } }, { text: '井盖' });
    does(1001, 'b', { incident_dispatch: { incident, lead: 4, assists: [5] } });
    const page = await open('3001');
    await open_one(page, '井盖缺失');
    await until(page, 'focus in the tasks', () => document.activeElement?.id === 'panel-tasks');
    await press(page, 'Key:Home', 'Key:KeyR');
    await form_stands(page);
    await has(page, '.doing-form', '撤回');
    await press(page, '已另行处理', 'Key:Control+Enter');
    await has(page, '#panel-tasks', '已撤回');
    assert.ok(city.tasks.some((one) => one.state === 'recalled'));
});
