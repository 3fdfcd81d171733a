/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * recorder: writes recordings on a thread of its own, so that a slow disk is never heard. A recording
 * is a tape (proto/tape.h: stereo A-law in frames sealed under a key of its own, caller left, city right)
 * that grows as DAY/NAME.tape.part; at its end it loses its key, is read back for its digest, made durable, and
 * renamed to DAY/NAME.tape. Its key lies in DAY/NAME.tape.key (mode 0600) until recorder_taken(). A .part that a crash left is
 * finished the same way at the next start, and what still has its key is told again.
 *
 * Sound that the disk took too late (RECORDING_REELS_MAX in reel.h) is replaced by silence of the same length, so both
 * sides stay in time. What is sealed survives the process, half a second may not; a power cut may cost the
 * kernel's last seconds of a recording that had not ended. */
#ifndef GATEWAYS_TRUNK_RECORDER_H
#define GATEWAYS_TRUNK_RECORDER_H

#include <stdint.h>

#include "gateways/trunk/g711.h"
#include "gateways/trunk/media.h"

struct recorder;
struct recording;

/* Told on the recorder's thread: MEDIA_RECORDED or MEDIA_RECORD_FAILED. */
typedef void recorder_tell(void *owner, const struct media_event *event);

/* Starts the thread. Returns 0 or a negative errno when the folder cannot be made or the thread not be
 * started. */
int recorder_open(struct recorder **recorder, const char *folder, const struct suite *suite,
                  recorder_tell *tell, void *owner);

/* Whatever else an earlier process left is finished now: what goes on was started before. */
void recorder_settle(struct recorder *recorder);

/* The dispatcher holds this recording and its key: here it goes. */
void recorder_taken(struct recorder *recorder, const char *file);

/* Finishes all recordings (recording_end() was called for each) and ends the thread. */
void recorder_close(struct recorder *recorder);

/* Begins a recording; a file that cannot be made is told as MEDIA_RECORD_FAILED. day is yyyymmdd,
 * name a plain file name. begun_ms > 0: goes on with one of an earlier process that began then by the
 * wall clock, with silence for what is missing. Returns NULL when memory is short or MEDIA_CHANNELS_MAX
 * recordings run. */
struct recording *recording_start(struct recorder *recorder, uint64_t owner, uint32_t day,
                                  const char *name, uint64_t begun_ms);

/* Adds 20 ms of both sides; never waits. A-law. */
void recording_add(struct recording *recording, const uint8_t left[G711_FRAME],
                   const uint8_t right[G711_FRAME]);

/* The last call about it; the recorder frees it. */
void recording_end(struct recording *recording);

/* Recordings that are not finished. */
uint32_t recorder_count(const struct recorder *recorder);

#endif
