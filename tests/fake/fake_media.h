/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fake_media: media.h without sound. Channels are counted, what is asked goes to the transcript. */
#ifndef TESTS_FAKE_FAKE_MEDIA_H
#define TESTS_FAKE_FAKE_MEDIA_H

#include "gateways/trunk/media.h"

struct media *fake_media_make(void);

/* Channels that are open; all must be closed when no call is left. */
int fake_media_open_channels(const struct media *media);

/* From now on no port is left. */
void fake_media_exhaust(struct media *media);

/* The owner of the channel, for MEDIA_LOST. */
uint64_t fake_media_owner(const struct media *media, int64_t channel);

/* From now on the channel's peer is heard so. */
void fake_media_sounds(struct media *media, int64_t channel, const struct media_quality *quality);

#endif
