// SPDX-License-Identifier: GPL-3.0-or-later
//
// Tones through a telephone line: said in A-law, found again in what was heard.

/** One linear sample as an A-law byte (G.711). */
export function encode(sample) {
  let magnitude = (sample < 0 ? -sample - 1 : sample) >> 4;
  let segment = 0;
  for (let rest = magnitude >> 4; rest > 0 && segment < 7; rest >>= 1) segment++;
  magnitude = segment < 2 ? magnitude : magnitude >> (segment - 1);
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | (magnitude & 15)) ^ 0x55;
}

/** An A-law byte as a linear sample. */
export function decode(byte) {
  const bits = byte ^ 0x55;
  const segment = (bits >> 4) & 7;
  let magnitude = ((bits & 15) << 4) | 8;
  if (segment > 0) magnitude = (magnitude + 0x100) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

/** 20 ms of a tone, from this sample on. */
export function frame(hertz, from) {
  return Buffer.from(Array.from({ length: 160 }, (_, i) => encode(Math.round(8000 * Math.sin((2 * Math.PI * hertz * (from + i)) / 8000)))));
}

/** The share of this tone in the samples, 0 … 1 (Goertzel). */
export function share(samples, hertz) {
  const factor = 2 * Math.cos((2 * Math.PI * hertz) / 8000);
  let [one, two, power] = [0, 0, 0];
  for (const sample of samples) {
    [one, two] = [sample + factor * one - two, one];
    power += sample * sample;
  }
  if (power < samples.length * 400) return 0; /* silence */
  return (2 * (one * one + two * two - factor * one * two)) / (samples.length * power);
}
