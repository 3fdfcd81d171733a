/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yihao-verify TRAIL --key KEY [--witness KEY]… [--audio FILE]… [--origin URL]: is this exported trail what
 * the city signed? Offline, with libsodium, libcrypto (for ES256, SM2 and SM3) and libc alone; what it checks
 * stands in docs/trail-format.md.
 * Exit: 0 whole · 1 cannot be read · 2 usage · 3 tampered, or a witness or a recording is missing. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/hex.h"
#include "dispatcher/journal/bundle.h"
#include "proto/suite.h"

enum {
    KEY_BYTES = 32,
    DIGEST_BYTES = 32,
    AUDIO_MAX = 64,
    SUITES_MAX = 2,
    EXIT_WHOLE = 0,
    EXIT_UNREADABLE = 1,
    EXIT_USAGE = 2,
    EXIT_TAMPERED = 3,
    HELPED = -1 /* nothing is to be verified */
};

struct audio {
    const char *path;
    uint8_t digests[SUITES_MAX][DIGEST_BYTES]; /* by each suite: the record says which one counts */
    uint64_t record;                           /* that holds the digest, 0: none */
};

static struct {
    const char *trail;
    uint8_t key[KEY_BYTES];
    bool has_key;
    uint8_t witnesses[BUNDLE_WITNESSES_MAX][KEY_BYTES];
    uint32_t witness_count;
    struct audio audios[AUDIO_MAX];
    uint32_t audio_count;
    const char *origin; /* NULL: whoever reads judges it */
} asked;

static int usage(FILE *to)
{
    (void)fputs(
        "usage: yihao-verify TRAIL --key KEY [--witness KEY]... [--audio FILE]... [--origin URL]\n"
        "  --key KEY      the city's published key: 64 hex digits, or a file of them\n"
        "  --witness KEY  this witness must have signed the checkpoint, too\n"
        "  --audio FILE   a recording that must belong to the trail\n"
        "  --origin URL   authenticators must have been touched on these pages, https://...\n"
        "用法: yihao-verify 留痕文件 --key 城市公钥 [--witness 见证公钥]... [--audio 录音]... [--origin 网址]\n",
        to);
    return to == stdout ? EXIT_WHOLE : EXIT_USAGE;
}

/* ---- what is asked --------------------------------------------------------------------------- */

static bool read_key(const char *words, uint8_t key[KEY_BYTES])
{
    char digits[2 * KEY_BYTES + 2] = "";
    if (hex_read(words, key, KEY_BYTES))
        return true;
    FILE *file = fopen(words, "re");
    if (!file)
        return false;
    bool got = fgets(digits, sizeof digits, file) != NULL;
    (void)fclose(file);
    digits[strcspn(digits, "\r\n")] = '\0';
    return got && hex_read(digits, key, KEY_BYTES);
}

static int read_audio(struct audio *audio, const char *path)
{
    uint8_t bytes[65536];
    struct digesting digestings[SUITES_MAX];
    unsigned count = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    audio->path = path;
    for (const struct suite *suite; count < SUITES_MAX && (suite = suite_at(count)); count++)
        suite_begin(suite, &digestings[count]);
    for (size_t size; (size = fread(bytes, 1, sizeof bytes, file)) > 0;)
        for (unsigned i = 0; i < count; i++)
            suite_add(&digestings[i], bytes, size);
    int status = ferror(file) ? -EIO : 0;
    (void)fclose(file);
    for (unsigned i = 0; i < count; i++)
        suite_end(&digestings[i], audio->digests[i]);
    return status;
}

static int take_option(int option)
{
    int status;
    switch (option) {
    case 'k':
        asked.has_key = read_key(optarg, asked.key);
        return asked.has_key ? 0 : usage(stderr);
    case 'w':
        if (asked.witness_count == BUNDLE_WITNESSES_MAX ||
            !read_key(optarg, asked.witnesses[asked.witness_count]))
            return usage(stderr);
        asked.witness_count++;
        return 0;
    case 'o':
        asked.origin = optarg;
        return 0;
    case 'a':
        if (asked.audio_count == AUDIO_MAX)
            return usage(stderr);
        status = read_audio(&asked.audios[asked.audio_count++], optarg);
        if (status < 0)
            (void)fprintf(stderr, "%s: %s\n", optarg, strerror(-status));
        return status < 0 ? EXIT_UNREADABLE : 0;
    default:
        return usage(stderr);
    }
}

static int read_arguments(int argc, char **argv)
{
    static const struct option options[] = {
        { "key", required_argument, NULL, 'k' },   { "witness", required_argument, NULL, 'w' },
        { "audio", required_argument, NULL, 'a' }, { "origin", required_argument, NULL, 'o' },
        { "help", no_argument, NULL, 'u' },        { NULL, 0, NULL, 0 }
    };
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'u')
            return HELPED;
        int code = take_option(option);
        if (code != 0)
            return code;
    }
    if (optind + 1 != argc)
        return usage(stderr);
    asked.trail = argv[optind];
    return 0;
}

/* ---- the verdict ------------------------------------------------------------------------------ */

static void on_event(void *owner, const struct event *event)
{
    (void)owner;
    if (event->kind != EVENT_RECORDING_STORED)
        return;
    const struct recording_stored *stored = &event->recording_stored;
    const struct suite *suite = suite_of_digest(stored->algorithm);
    for (unsigned row = 0; suite && row < SUITES_MAX && suite_at(row); row++)
        for (uint32_t i = 0; suite == suite_at(row) && i < asked.audio_count; i++)
            if (memcmp(asked.audios[i].digests[row], stored->digest, DIGEST_BYTES) == 0)
                asked.audios[i].record = event->seq;
}

static bool witnessed_by(const struct bundle_report *report, const uint8_t key[KEY_BYTES])
{
    for (uint32_t i = 0; i < report->witness_count; i++)
        if (memcmp(report->witnesses[i].key, key, KEY_BYTES) == 0)
            return true;
    return false;
}

static int tell_touches(const struct bundle_report *report)
{
    int code = EXIT_WHOLE;
    if (report->touches)
        (void)printf("%" PRIu64 " of them by authenticators 其中安全密钥签名\n", report->touches);
    for (uint32_t i = 0; i < report->origin_count; i++) {
        bool ours = asked.origin && strcmp(asked.origin, report->origins[i]) == 0;
        (void)printf("%s %s\n",
                     ours           ? "touched on the pages you trust 在可信页面签名"
                     : asked.origin ? "TOUCHED ON OTHER PAGES 在其他页面签名"
                                    : "touched on (is it the city's? 请核对是否为本市网址)",
                     report->origins[i]);
        code = asked.origin && !ours ? EXIT_TAMPERED : code;
    }
    return code;
}

static int tell_beside(const struct bundle_report *report)
{
    char digits[2 * KEY_BYTES + 1];
    int code = EXIT_WHOLE;
    for (uint32_t i = 0; i < asked.witness_count; i++) {
        bool there = witnessed_by(report, asked.witnesses[i]);
        hex_write(asked.witnesses[i], KEY_BYTES, digits);
        (void)printf("%s witness 见证 %s\n", there ? "signed by" : "NOT SIGNED by", digits);
        code = there ? code : EXIT_TAMPERED;
    }
    for (uint32_t i = 0; i < asked.audio_count; i++) {
        const struct audio *audio = &asked.audios[i];
        if (audio->record)
            (void)printf("recording 录音 %s is that of record %" PRIu64 "\n", audio->path,
                         audio->record);
        else
            (void)printf("recording 录音 %s is NOT of this trail 不属于本留痕\n", audio->path);
        code = audio->record ? code : EXIT_TAMPERED;
    }
    return code;
}

static int tell(const struct bundle_report *report)
{
    char digits[2 * KEY_BYTES + 1];
    if (!report->ok) {
        (void)printf("TAMPERED 被篡改: record %" PRIu64 ", line %" PRIu64 ": %s\n", report->record,
                     report->line, report->reason);
        return EXIT_TAMPERED;
    }
    hex_write(report->public_key, KEY_BYTES, digits);
    (void)printf("WHOLE 完整: %" PRIu64 " records, %" PRIu64 " to %" PRIu64
                 ", of a journal of %" PRIu64 " (epoch %" PRIu64 ", signed at %" PRIu64 " ms)\n",
                 report->records, report->first, report->last, report->size, report->epoch,
                 report->at_ms);
    (void)printf("made with 算法 %s\n", report->suite->name);
    if (report->incident)
        (void)printf("all of incident 工单 %" PRIu64 ", %" PRIu64 " recordings\n", report->incident,
                     report->recordings);
    if (report->acknowledgements)
        (void)printf("%" PRIu64 " acknowledgements 签名确认, each signed by its person's key\n",
                     report->acknowledgements);
    (void)printf("%s %s\n",
                 asked.has_key ? "signed by the key you trust"
                               : "signed by (compare it with the city's 请与城市公钥核对)",
                 digits);
    int code = tell_touches(report);
    return tell_beside(report) == EXIT_WHOLE ? code : EXIT_TAMPERED;
}

int main(int argc, char **argv)
{
    static struct bundle_report report;
    if (sodium_init() < 0)
        return EXIT_UNREADABLE;
    int code = read_arguments(argc, argv);
    if (code == HELPED)
        return usage(stdout);
    if (code != 0)
        return code;
    int status =
        bundle_read(asked.trail, asked.has_key ? asked.key : NULL, &report, on_event, NULL);
    if (status < 0) {
        (void)fprintf(stderr, "%s: %s\n", asked.trail, strerror(-status));
        return EXIT_UNREADABLE;
    }
    return tell(&report);
}
