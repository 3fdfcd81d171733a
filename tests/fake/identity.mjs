// SPDX-License-Identifier: GPL-3.0-or-later
// What the fake dispatcher gives of a citizen, as proto/identity.c would: whole, masked, or not at all.
const FIELDS = ['', 'number', 'name', 'address', 'text', 'position'];

/** The set of fields as the wire says it. */
export const fields_of = (names) => names.reduce((sum, name) => sum + 2 ** FIELDS.indexOf(name), 0);

const masks = {
    number: (number) => number.replace(/.{4}(?=.{4}$)/, '****'),
    name: (name) => `${name.slice(0, 1)}**`,
};

/** @param {any} personal @param {number} given @param {number} masked */
export function identity_show(personal, given, masked) {
    const shown = {};
    for (const [field, value] of Object.entries(personal)) {
        const bit = fields_of([field]);
        if (given & bit) shown[field] = value;
        else if (masked & bit && value) shown[field] = masks[field](value);
    }
    return shown;
}
