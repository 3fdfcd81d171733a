// SPDX-License-Identifier: GPL-3.0-or-later
// The city's map in Chromium, by keyboard alone: the caller's telephone, the place of a record, units.
import assert from 'node:assert/strict';
import { axe, picture, until } from './browser.mjs';
import { has, has_value, press, ready, story } from './story.mjs';

const drawn = (page, id) => until(page, `a map in ${id}`, (one) => document.querySelector(`#${one} .leaflet-ground-pane canvas`), id);

story('the telephone says where it is: circles with their age; Enter takes a place into the record', async ({ open, post, city }) => {
    const page = await open('1001');
    await ready(page);
    await post('/test/call', { line: 119, number: '13912345678' });
    await page.waitForSelector('.ring.on');
    await press(page, 'Key:F2');
    await has_value(page, '#form-number', '139');
    const { contact } = city.contacts[0];
    city.locate(contact, { source: 'cell', uncertainty_m: 900, east_cell: 104, north_cell: 103, position: '30.2300,115.2700', age_s: 300 });
    assert.equal(await page.evaluate(() => performance.getEntriesByName(`${location.origin}/vendor/leaflet.js`).length), 0, 'nothing of the map is loaded yet');
    await press(page, 'Key:Shift+F3');
    await drawn(page, 'seat-map');
    await has(page, '#fix-list', '±900 m');
    city.locate(contact, { source: 'gnss', uncertainty_m: 20, east_cell: 101, north_cell: 101, position: '30.2260,115.2610' });
    await has(page, '#fix-list', '卫星 ±20 m');
    await until(page, 'two circles, the older faded', () => document.querySelectorAll('#seat-map path.map-fix').length === 2 && document.querySelector('#seat-map path.map-fix.old'));
    await page.focus('#seat-map');
    await has(page, '.map-says', '101,101');
    await press(page, 'Key:Enter');
    await has_value(page, '#form-place', '101,101');
    await has_value(page, '#form-district', '蜀山区'); // whose shape holds it
    await page.waitForSelector('#seat-map path.map-place', { state: 'attached' });
    for (let i = 0; i < 3; i++) await press(page, 'Key:Shift+ArrowRight');
    await press(page, 'Key:Minus', 'Key:Equal', 'Key:Enter');
    const moved = await page.inputValue('#form-place');
    assert.doesNotMatch(moved, /101,101/);
    await page.focus('#fix-list');
    await press(page, 'Key:End', 'Key:Enter');
    await has_value(page, '#form-place', '104,103');
    const reads = city.events.filter((row) => row.event.personal_was_read?.seq).map((row) => row.event.personal_was_read.subject);
    assert.deepEqual([...reads].sort(), city.fixes.map((one) => one.fix).sort(), 'each exact position was opened once');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'taker-map');
});

story('a click on the map sets the place, too', async ({ open, post }) => {
    const page = await open('1001', { width: 1366, height: 768 });
    await ready(page);
    await post('/test/call', { line: 119, number: '13912345678' });
    await page.waitForSelector('.ring.on');
    await press(page, 'Key:F2');
    await has_value(page, '#form-number', '139');
    await press(page, 'Key:Shift+F3');
    await drawn(page, 'seat-map');
    const box = await page.locator('#seat-map').boundingBox();
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await until(page, 'a place', () => /\d+,\d+/.test(document.getElementById('form-place').value));
    await picture(page, 'taker-map-small');
});

story('a department sees its units on the map, a supervisor all of them and opens the nearest incident', async ({ open, city }) => {
    const as = (user, key, body, personal) => city.command(city.users.find((one) => one.user === user), { key, ...body, personal });
    const { incident } = as(1001, 'a', { incident_register: { line: 119, category: 110200, district: 340104, priority: 'p1', east_cell: 100, north_cell: 100 } }, { text: '车着火' });
    as(1001, 'b', { incident_dispatch: { incident, lead: 2 } });
    const page = await open('2001');
    await has(page, '#units-list', '已派');
    await press(page, 'Key:ArrowDown');
    await page.focus('#units-list');
    await press(page, 'Key:Home', 'Key:KeyM');
    await drawn(page, 'units-map');
    await has(page, '#units-map .map-mark.alerted', '望江一中队');
    await has(page, '#units-map .map-mark.incident', '车辆火灾');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'department-map');
    const chief = await open('3001');
    await has(chief, '#seats-list', '');
    await press(chief, 'Key:KeyM');
    await drawn(chief, 'city-map');
    await has(chief, '#city-map', '急');
    assert.deepEqual(await axe(chief), []);
    await picture(chief, 'supervisor-map');
    await chief.focus('#city-map');
    await press(chief, 'Key:Enter');
    await until(chief, 'a word that none is near, or the incident', () => document.querySelector('.notices, .panel h2'));
    await press(chief, 'Key:Escape');
    await until(chief, 'the map closed', () => !document.querySelector('.map-panel'));
});
