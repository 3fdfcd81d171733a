/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Searching what citizens said: bench_finder CASES QUESTIONS. Made-up calls of sixty characters or so, from a list of
 * words that repeat as a city's do; the budget is 50 ms at the 99th hundredth over a million. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/prng.h"
#include "base/require.h"
#include "dispatcher/views/finder.h"

/* Of this thread: another's work beside it is not counted. */
static uint64_t cpu_ns(void)
{
    struct timespec at;
    REQUIRE(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at) == 0);
    return (uint64_t)at.tv_sec * 1000000000U + (uint64_t)at.tv_nsec;
}

static const char *const said[] = { "路灯不亮",   "噪音扰民", "电梯故障",     "厨房着火",
                                    "有人被困",   "水管爆裂", "停水了",       "垃圾没人清",
                                    "井盖缺失",   "占道经营", "小区物业不管", "施工到半夜",
                                    "燃气有味道", "老人摔倒", "车辆追尾",     "树枝断了" };
static const char *const places[] = { "人民路",   "解放大道", "望江区",   "临江新村",
                                      "建设东街", "学府花园", "滨河公园", "中心医院" };

static void compose(struct prng *prng, char *words, size_t size)
{
    size_t used = 0;
    words[0] = '\0';
    for (unsigned i = 0; i < 4 && used + 128 < size; i++) {
        uint32_t a = 0x4e00 + (uint32_t)prng_below(prng, 3000),
                 b = 0x4e00 + (uint32_t)prng_below(prng, 3000);
        char rare[8] = { (char)(0xe0 | a >> 12),
                         (char)(0x80 | (a >> 6 & 63)),
                         (char)(0x80 | (a & 63)),
                         (char)(0xe0 | b >> 12),
                         (char)(0x80 | (b >> 6 & 63)),
                         (char)(0x80 | (b & 63)),
                         0 };
        used += (size_t)snprintf(words + used, size - used, "%s%" PRIu64 "号%s,%s。",
                                 places[prng_below(prng, 8)], prng_below(prng, 300) + 1,
                                 said[prng_below(prng, 16)], rare);
    }
}

static int by_time(const void *one, const void *two)
{
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)two;
    return (a > b) - (a < b);
}

int main(int count, char **arguments)
{
    static struct finding hits[FINDER_HITS_MAX];
    uint32_t cases = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 1000000;
    uint32_t questions = count > 2 ? (uint32_t)strtoul(arguments[2], NULL, 10) : 1000;
    struct finder *finder = finder_open(UINT64_C(768) << 20);
    uint64_t *took = calloc(questions, sizeof *took);
    struct prng prng;
    char words[600];
    REQUIRE(finder && took);
    prng_seed(&prng, 110);
    uint64_t begun = cpu_ns();
    for (uint32_t i = 0; i < cases; i++) {
        struct finding of = { i + 1, i + 1, 0 };
        const char *one = words;
        compose(&prng, words, sizeof words);
        REQUIRE(finder_put(finder, &of, &one, 1) == 0);
    }
    printf("cases=%" PRIu32 " put_us=%.2f bytes_mib=%" PRIu64 "\n", cases,
           (double)(cpu_ns() - begun) / 1e3 / cases, finder_bytes(finder) >> 20);
    for (uint32_t i = 0; i < questions; i++) {
        bool more;
        (void)snprintf(words, sizeof words, "%s %s", places[prng_below(&prng, 8)],
                       said[prng_below(&prng, 16)]);
        begun = cpu_ns();
        (void)finder_find(finder, words, hits, &more);
        took[i] = cpu_ns() - begun;
    }
    qsort(took, questions, sizeof *took, by_time);
    printf("questions=%" PRIu32 " p50_us=%" PRIu64 " p99_us=%" PRIu64 "\n", questions,
           took[questions / 2] / 1000, took[questions * 99 / 100] / 1000);
    begun = cpu_ns();
    REQUIRE(finder_forget(finder, cases / 2) == 1);
    printf("forget_ms=%.1f\n", (double)(cpu_ns() - begun) / 1e6);
    finder_close(finder);
    free(took);
    return 0;
}
