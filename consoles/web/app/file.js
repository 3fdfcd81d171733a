// SPDX-License-Identifier: GPL-3.0-or-later
// Hands a document to the seat as a file.

/** @param {string} name @param {string | BlobPart} content @param {string} type */
export function save_file(name, content, type) {
    const url = URL.createObjectURL(new Blob([content], { type }));
    Object.assign(document.createElement('a'), { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
}
