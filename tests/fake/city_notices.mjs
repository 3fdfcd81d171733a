// SPDX-License-Identifier: GPL-3.0-or-later
// What the fake city does with notices to many, as far as its page needs it.

const steps = { start: { drafted: 'running' }, pause: { running: 'paused' }, go_on: { paused: 'running' }, stop: { drafted: 'stopped', running: 'stopped', paused: 'stopped' },
    correct: { drafted: 'drafted', running: 'paused', paused: 'paused', done: 'paused' }, again: { done: 'running' } };

export const noticing = {
    notice_at(id, step) {
        const row = this.notices.find((one) => one.notice === id);
        if (!row) return { refusal: 'no_such_notice' };
        const to = steps[step][row.state];
        return to ? { row, to } : { refusal: 'wrong_state' };
    },
    notice_move(user, row, to) {
        if (row.state !== to) this.say('notice_moved', { from: row.state, to }, { notice: row.notice }, this.by(user));
        row.state = to;
    },
    notice_step(user, id, step) {
        const { row, to, refusal } = this.notice_at(id, step);
        if (refusal) return { refusal };
        this.notice_move(user, row, to);
        return { notice: id };
    },
    do_notice_create(user, { rate, reason, line }, { text }) {
        const notice = this.id();
        const words = String(this.say('notice_created', { rate, reason }, { notice, has_personal: true }, this.by(user)));
        this.spoken.set(words, { text });
        this.notices.push({ notice, state: 'drafted', created_by: user.user, created_ms: String(Date.now()), moved_ms: String(Date.now()), rate, reason, line, total: 0, edition: 1, words });
        return { notice };
    },
    do_notice_add(user, { notice }, { text }) {
        const row = this.notices.find((one) => one.notice === notice);
        row.total += text.split('\n').filter(Boolean).length;
        this.say('notice_added', { count: row.total }, { notice, has_personal: true }, this.by(user));
        return { notice };
    },
    do_notice_start(user, { notice }) {
        if (this.notices.find((one) => one.notice === notice)?.created_by === user.user) return { refusal: 'same_person' };
        const said = this.notice_step(user, notice, 'start');
        const row = this.notices.find((one) => one.notice === notice);
        if (!said.refusal) Object.assign(row, { started_by: user.user, ordered: row.total });
        return said;
    },
    do_notice_pause(user, { notice }) { return this.notice_step(user, notice, 'pause'); },
    do_notice_stop(user, { notice }) { return this.notice_step(user, notice, 'stop'); },
    do_notice_again(user, { notice }) { return this.notice_step(user, notice, 'again'); },
    do_notice_correct(user, { notice, reason }, { text }) {
        const { row, to, refusal } = this.notice_at(notice, 'correct');
        if (refusal) return { refusal };
        if (row.state !== 'drafted' && !reason) return { refusal: 'reason_missing' };
        const seq = String(this.say('notice_corrected', { edition: row.edition + 1, reason }, { notice, has_personal: true }, this.by(user)));
        this.spoken.set(seq, { text });
        Object.assign(row, row.state === 'drafted' ? { words: seq, created_by: user.user } : { waiting: seq, corrected_by: user.user, correction: reason });
        this.notice_move(user, row, to);
        return { notice };
    },
    do_notice_go_on(user, { notice }) {
        const { row, to, refusal } = this.notice_at(notice, 'go_on');
        if (refusal) return { refusal };
        if (row.waiting && row.corrected_by === user.user) return { refusal: 'same_person' };
        if (row.waiting) {
            this.say('notice_replaced', { edition: row.edition + 1, words: row.waiting }, { notice }, this.by(user));
            Object.assign(row, { edition: row.edition + 1, words: row.waiting, waiting: undefined, corrected_by: undefined,
                has_other: (row.has_other ?? 0) + (row.has_last ?? 0), has_last: 0 });
        }
        this.notice_move(user, row, row.ordered === row.total ? 'done' : to);
        return { notice };
    },
    /** A citizen's telephone has it. */
    notice_delivered(notice, text, has) {
        const row = this.notices.find((one) => one.notice === notice);
        row.delivered = (row.delivered ?? 0) + 1;
        row[`has_${has}`] = (row[`has_${has}`] ?? 0) + 1;
        this.say('notice_reported', { text, state: 'delivered', has }, { notice }, { actor_kind: 'gateway', actor: 3 });
    },
    ask_notices() {
        return { notices: { rows: [...this.notices].reverse() } };
    },
};
