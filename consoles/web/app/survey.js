// SPDX-License-Identifier: GPL-3.0-or-later
// The three questions a citizen is asked: contacted, solved, satisfied.
import { html } from './ui.js';
import { Radios } from './pick.js';
import { said, t } from './words.js';
import { words } from './schema.js';

export const questions = /** @type {const} */ (['contacted', 'solved', 'satisfied']);
/** @typedef {Record<'contacted' | 'solved' | 'satisfied', string>} Answers */
/** @type {Answers} */
export const unanswered = { contacted: 'none', solved: 'none', satisfied: 'none' };

/** @param {Answers} answers */
export function is_answered(answers) {
    return questions.every((one) => answers[one] !== 'none');
}

/** @param {{ id: string, answers: Answers, onPick: (answers: Answers) => void }} props */
export function Survey({ id, answers, onPick }) {
    return html`${questions.map((one) => html`<${Radios} key=${one} id=${`${id}-${one}`} label=${t(`survey.${one}`)} value=${answers[one]}
        options=${words.degree.slice(1).filter((word) => one !== 'contacted' || word !== 'mostly')
            .map((word) => ({ word, label: said('degree', word) }))}
        onPick=${(/** @type {string} */ word) => onPick({ ...answers, [one]: word })} />`)}`;
}
