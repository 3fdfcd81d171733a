// SPDX-License-Identifier: GPL-3.0-or-later
// Sounds are made here, told apart by rhythm, and never the only sign of anything.
import { effect, signal } from './ui.js';

export const sound_on = signal(localStorage.getItem('yihao.sound') !== 'off');
effect(() => localStorage.setItem('yihao.sound', sound_on.value ? 'on' : 'off'));

/** @type {AudioContext | null} */
let context = null;
/** @type {ReturnType<typeof setInterval> | undefined} */
let repeating;

/** Must be called from a key press or click once: browsers keep audio silent before. */
export function unlock_sound() {
    context ??= new AudioContext();
    void context.resume();
}

/** @param {number} hertz @param {number} after_s @param {number} long_s */
function tone(hertz, after_s, long_s) {
    if (!context || !sound_on.value) return;
    const from = context.currentTime + after_s;
    const wave = context.createOscillator();
    const level = context.createGain();
    wave.frequency.value = hertz;
    level.gain.setValueAtTime(0, from);
    level.gain.linearRampToValueAtTime(0.2, from + 0.01);
    level.gain.setValueAtTime(0.2, from + long_s - 0.02);
    level.gain.linearRampToValueAtTime(0, from + long_s);
    wave.connect(level).connect(context.destination);
    wave.start(from);
    wave.stop(from + long_s);
}

const figures = {
    emergency: () => { for (let i = 0; i < 4; i++) tone(i % 2 ? 700 : 500, i * 0.15, 0.13); },
    ordinary: () => { tone(440, 0, 0.4); tone(480, 0, 0.4); },
    text: () => { tone(880, 0, 0.08); tone(880, 0.16, 0.08); },
    overdue: () => { tone(330, 0, 0.2); tone(262, 0.25, 0.3); },
};

/** @param {keyof typeof figures} figure */
export function play(figure) {
    figures[figure]();
}

/** Rings until `stop_ring`. @param {keyof typeof figures} figure */
export function ring(figure) {
    stop_ring();
    figures[figure]();
    repeating = setInterval(figures[figure], figure === 'emergency' ? 1200 : 3000);
}

export function stop_ring() {
    clearInterval(repeating);
    repeating = undefined;
}
