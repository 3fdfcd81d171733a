// SPDX-License-Identifier: GPL-3.0-or-later
// Every story of the pages in one browser; each file also runs alone (node --test FILE).
import './pages.test.mjs';
import './desk.test.mjs';
import './office.test.mjs';
import './map.test.mjs';
import './family.test.mjs';
