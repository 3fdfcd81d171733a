// SPDX-License-Identifier: GPL-3.0-or-later
// A row of the city's tables that speaks for itself: a CSV record of column=words, without the empty
// ones (dispatcher/city/cells.h).

/** @typedef {Record<string, string>} Cells */

/** @param {string} record @returns {Cells} */
export function read_cells(record) {
    /** @type {Cells} */
    const cells = {};
    for (const [, quoted, plain] of record.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
        const cell = quoted === undefined ? plain ?? '' : quoted.replaceAll('""', '"');
        const equals = cell.indexOf('=');
        if (equals > 0) cells[cell.slice(0, equals)] = cell.slice(equals + 1);
    }
    return cells;
}

/** @param {string} cell */
function quote(cell) {
    return /[",]|^ | $/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** @param {readonly string[]} columns @param {Cells} cells */
export function write_cells(columns, cells) {
    return columns.filter((column) => cells[column]).map((column) => quote(`${column}=${cells[column]}`)).join(',');
}
