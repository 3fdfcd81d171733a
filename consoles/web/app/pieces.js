// SPDX-License-Identifier: GPL-3.0-or-later
// How long a text is as operators count: GSM-7 (3GPP TS 23.038) while every letter is in its table, else UCS-2;
// pieces of a long one carry a header of six octets (gateways/sms/parts.h).

const BASIC = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENSION = '^{}\\[~]|€\f';

/** Letters that cannot be cut, each with what it takes up. @param {string} text @param {boolean} gsm7 */
function sizes(text, gsm7) {
    return [...text].map((letter) => gsm7 ? (EXTENSION.includes(letter) ? 2 : 1) : letter.length);
}

/** @param {string} text */
export function count_pieces(text) {
    const gsm7 = [...text].every((letter) => BASIC.includes(letter) || EXTENSION.includes(letter));
    const list = sizes(text, gsm7);
    const units = list.reduce((sum, one) => sum + one, 0);
    if (units <= (gsm7 ? 160 : 70)) return { gsm7, units, pieces: units ? 1 : 0 };
    const room = gsm7 ? 153 : 67;
    let pieces = 1;
    let at = 0;
    for (const one of list) {
        if (at + one > room) {
            pieces++;
            at = 0;
        }
        at += one;
    }
    return { gsm7, units, pieces };
}
