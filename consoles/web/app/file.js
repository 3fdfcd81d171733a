// SPDX-License-Identifier: GPL-3.0-or-later
// Hands a table or a document to the seat as a file.

/** A cell that a spreadsheet takes as words, never as a formula. @param {unknown} value */
function cell(value) {
    const text = String(value ?? '');
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** RFC 4180, with the mark by which spreadsheets know UTF-8. @param {unknown[][]} rows the heads first */
export function csv(rows) {
    return `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** @param {string} name @param {string} text @param {string} type */
export function save_file(name, text, type) {
    const url = URL.createObjectURL(new Blob([text], { type }));
    Object.assign(document.createElement('a'), { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
}
