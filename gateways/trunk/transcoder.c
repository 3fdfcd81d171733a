/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/transcoder.h"

#include <errno.h>
#include <opus/opus.h>
#include <spandsp.h>
#include <stdlib.h>

#include "base/require.h"

enum {
    OPUS_BITS = 24000, /* a second: telephone speech, with room to repeat the packet before */
    OPUS_LOSS = 10,    /* %, that are reckoned with */
    G722_BITS = 64000, /* a second: RFC 3551 §4.5.2 */
    G722_SOUND_MAX = TRANSCODER_SOUND_MAX /* one octet makes two samples of 16 kHz, one of 8 */
};

struct transcoder {
    enum media_codec codec;
    OpusEncoder *opus_out;
    OpusDecoder *opus_in;
    g722_encode_state_t *g722_out;
    g722_decode_state_t *g722_in;
};

static bool open_opus(struct transcoder *transcoder)
{
    int wrong;
    transcoder->opus_out = opus_encoder_create(G711_RATE, 1, OPUS_APPLICATION_VOIP, &wrong);
    transcoder->opus_in = opus_decoder_create(G711_RATE, 1, &wrong);
    return transcoder->opus_out && transcoder->opus_in &&
           opus_encoder_ctl(transcoder->opus_out, OPUS_SET_BITRATE(OPUS_BITS)) == OPUS_OK &&
           opus_encoder_ctl(transcoder->opus_out, OPUS_SET_INBAND_FEC(1)) == OPUS_OK &&
           opus_encoder_ctl(transcoder->opus_out, OPUS_SET_PACKET_LOSS_PERC(OPUS_LOSS)) == OPUS_OK;
}

static bool open_g722(struct transcoder *transcoder)
{
    transcoder->g722_out = g722_encode_init(NULL, G722_BITS, G722_SAMPLE_RATE_8000);
    transcoder->g722_in = g722_decode_init(NULL, G722_BITS, G722_SAMPLE_RATE_8000);
    return transcoder->g722_out && transcoder->g722_in;
}

int transcoder_open(struct transcoder **transcoder, enum media_codec codec)
{
    REQUIRE(codec == MEDIA_OPUS || codec == MEDIA_G722);
    struct transcoder *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->codec = codec;
    if (codec == MEDIA_OPUS ? !open_opus(fresh) : !open_g722(fresh)) {
        transcoder_close(fresh);
        return -ENOMEM;
    }
    *transcoder = fresh;
    return 0;
}

void transcoder_close(struct transcoder *transcoder)
{
    if (!transcoder)
        return;
    if (transcoder->opus_out)
        opus_encoder_destroy(transcoder->opus_out);
    if (transcoder->opus_in)
        opus_decoder_destroy(transcoder->opus_in);
    if (transcoder->g722_out)
        (void)g722_encode_free(transcoder->g722_out);
    if (transcoder->g722_in)
        (void)g722_decode_free(transcoder->g722_in);
    free(transcoder);
}

size_t transcoder_hear(struct transcoder *transcoder, const uint8_t *payload, size_t size,
                       uint8_t sound[TRANSCODER_SOUND_MAX])
{
    int16_t samples[TRANSCODER_SOUND_MAX];
    int count = 0;
    if (size == 0 || (transcoder->codec == MEDIA_G722 && size > G722_SOUND_MAX))
        return 0;
    if (transcoder->codec == MEDIA_OPUS)
        count = opus_decode(transcoder->opus_in, payload, (opus_int32)size, samples,
                            TRANSCODER_SOUND_MAX, 0);
    else
        count = g722_decode(transcoder->g722_in, samples, payload, (int)size);
    for (int i = 0; i < count; i++)
        sound[i] = g711_byte(MEDIA_PCMA, samples[i]);
    return count > 0 ? (size_t)count : 0;
}

bool transcoder_conceal(struct transcoder *transcoder, const uint8_t *next, size_t size,
                        uint8_t frame[G711_FRAME])
{
    int16_t samples[G711_FRAME];
    if (transcoder->codec != MEDIA_OPUS ||
        opus_decode(transcoder->opus_in, size > 0 ? next : NULL, (opus_int32)size, samples,
                    G711_FRAME, size > 0) != G711_FRAME)
        return false;
    for (unsigned i = 0; i < G711_FRAME; i++)
        frame[i] = g711_byte(MEDIA_PCMA, samples[i]);
    return true;
}

size_t transcoder_say(struct transcoder *transcoder, const uint8_t frame[G711_FRAME],
                      uint8_t payload[TRANSCODER_PACKET_BYTES])
{
    int16_t samples[G711_FRAME];
    int size;
    for (unsigned i = 0; i < G711_FRAME; i++)
        samples[i] = g711_sample(MEDIA_PCMA, frame[i]);
    if (transcoder->codec == MEDIA_OPUS)
        size = opus_encode(transcoder->opus_out, samples, G711_FRAME, payload,
                           TRANSCODER_PACKET_BYTES);
    else
        size = g722_encode(transcoder->g722_out, payload, samples, G711_FRAME);
    return size > 0 ? (size_t)size : 0;
}
