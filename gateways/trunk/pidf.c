/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/pidf.h"

#include <errno.h>
#include <expat.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/text.h"

enum {
    WORDS_BYTES = 2048 /* of one element */
};

static const double metres_per_degree = 111320;
static const double degree_e7 = 1e7;

struct reading {
    XML_Parser parser;
    struct pidf *pidf;
    unsigned depth;
    unsigned civic; /* depth of the civicAddress that is open, 0: none */
    bool foreign;   /* a shape in another reference system */
    unsigned points;
    double latitudes[PIDF_POINTS_MAX], longitudes[PIDF_POINTS_MAX];
    double radius;
    char words[WORDS_BYTES];
    struct text text;
    struct text address;
};

/* Names come as "namespace|local". */
static const char *local_name(const char *name)
{
    const char *mark = strrchr(name, '|');
    return mark ? mark + 1 : name;
}

static bool is_wgs84(const char *system)
{
    return strstr(system, "4326") || strstr(system, "4979");
}

static void on_start(void *owner, const char *name, const char **attributes)
{
    struct reading *reading = owner;
    if (++reading->depth > PIDF_DEPTH_MAX) {
        (void)XML_StopParser(reading->parser, XML_FALSE);
        return;
    }
    if (strcmp(local_name(name), "civicAddress") == 0 && reading->civic == 0)
        reading->civic = reading->depth;
    for (; attributes[0]; attributes += 2)
        if (strcmp(local_name(attributes[0]), "srsName") == 0 && !is_wgs84(attributes[1]))
            reading->foreign = true;
    reading->text = text_into(reading->words, sizeof reading->words);
}

static void on_words(void *owner, const char *bytes, int length)
{
    struct reading *reading = owner;
    text_add_bytes(&reading->text, bytes, (size_t)length);
}

static void take_points(struct reading *reading, const char *words)
{
    char *end;
    for (const char *at = words; reading->points < PIDF_POINTS_MAX; at = end) {
        double latitude = strtod(at, &end);
        if (end == at)
            return;
        at = end;
        double longitude = strtod(at, &end);
        if (end == at || !(fabs(latitude) <= 90) || !(fabs(longitude) <= 180))
            return;
        reading->latitudes[reading->points] = latitude;
        reading->longitudes[reading->points++] = longitude;
    }
}

static void take_radius(struct reading *reading, const char *words)
{
    double radius = strtod(words, NULL);
    if (radius > reading->radius && radius < 1e6)
        reading->radius = radius;
}

static void take_time(struct reading *reading, const char *words)
{
    struct tm parts = { 0 };
    int sign = 1, hours = 0, minutes = 0;
    const char *rest = strptime(words, "%Y-%m-%dT%H:%M:%S", &parts);
    if (!rest)
        return;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (*rest == '+' || *rest == '-') {
        sign = *rest == '-' ? -1 : 1;
        if (sscanf(rest + 1, "%2d:%2d", &hours, &minutes) != 2)
            return;
    }
    time_t seconds = timegm(&parts) - (time_t)sign * (hours * 3600 + minutes * 60);
    if (seconds > 0)
        reading->pidf->place.measured_ms = (uint64_t)seconds * 1000;
}

/* The method tokens of RFC 4119 §6.1. */
static void take_method(struct reading *reading, const char *words)
{
    static const struct {
        const char *method;
        enum fix_source source;
    } methods[] = { { "GPS", FIX_SOURCE_GNSS },       { "A-GPS", FIX_SOURCE_GNSS },
                    { "DBH_HELO", FIX_SOURCE_FUSED }, { "DBH", FIX_SOURCE_FUSED },
                    { "802.11", FIX_SOURCE_WIFI },    { "Cell", FIX_SOURCE_CELL },
                    { "Wireless", FIX_SOURCE_CELL } };
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcasecmp(methods[i].method, words) == 0)
            reading->pidf->place.source = methods[i].source;
}

/* RFC 5139: from the country down to the room, in the order they stand. */
static void take_civic(struct reading *reading, const char *words)
{
    if (words[0] == 0)
        return;
    if (reading->address.length > 0)
        text_add_char(&reading->address, ' ');
    text_add(&reading->address, words);
}

static char *trim(char *words)
{
    words += strspn(words, " \t\r\n");
    size_t length = strlen(words);
    while (length > 0 && strchr(" \t\r\n", words[length - 1]))
        words[--length] = 0;
    return words;
}

static void on_end(void *owner, const char *name)
{
    static const struct {
        const char *name;
        void (*take)(struct reading *reading, const char *words);
    } elements[] = { { "pos", take_points },           { "posList", take_points },
                     { "radius", take_radius },        { "outerRadius", take_radius },
                     { "semiMajorAxis", take_radius }, { "timestamp", take_time },
                     { "method", take_method } };
    struct reading *reading = owner;
    const char *local = local_name(name);
    const char *words = trim(reading->words);
    if (reading->civic != 0 && reading->depth > reading->civic)
        take_civic(reading, words);
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
        if (reading->civic == 0 && strcmp(elements[i].name, local) == 0)
            elements[i].take(reading, words);
    if (reading->depth == reading->civic)
        reading->civic = PIDF_DEPTH_MAX + 1; /* the first address is the caller's */
    reading->depth--;
    reading->text = text_into(reading->words, sizeof reading->words);
}

/* No document that declares anything of its own is read on. */
static void on_doctype(void *owner, const char *name, const char *system, const char *public,
                       int inside)
{
    struct reading *reading = owner;
    (void)name, (void)system, (void)public, (void)inside;
    (void)XML_StopParser(reading->parser, XML_FALSE);
}

static double metres(const struct reading *reading, unsigned i, double latitude, double longitude)
{
    static const double radians = 3.14159265358979323846 / 180;
    double north = (reading->latitudes[i] - latitude) * metres_per_degree;
    double east =
        (reading->longitudes[i] - longitude) * metres_per_degree * cos(latitude * radians);
    return sqrt(north * north + east * east);
}

/* A polygon's ring ends where it began; that point counts once. */
static void conclude(struct reading *reading)
{
    struct aml *place = &reading->pidf->place;
    unsigned count = reading->points;
    double latitude = 0, longitude = 0, radius = reading->radius;
    if (count > 3 &&
        metres(reading, count - 1, reading->latitudes[0], reading->longitudes[0]) < 0.01)
        count--;
    if (count == 0 || reading->foreign)
        return;
    for (unsigned i = 0; i < count; i++) {
        latitude += reading->latitudes[i] / count;
        longitude += reading->longitudes[i] / count;
    }
    for (unsigned i = 0; i < count; i++)
        radius = fmax(radius, metres(reading, i, latitude, longitude));
    place->placed = true;
    place->latitude_e7 = (int32_t)lround(latitude * degree_e7);
    place->longitude_e7 = (int32_t)lround(longitude * degree_e7);
    place->uncertainty_m = (uint32_t)lround(radius);
    if (place->source == FIX_SOURCE_NONE)
        place->source = FIX_SOURCE_UNKNOWN;
}

int pidf_read(struct pidf *pidf, const char *xml, size_t length)
{
    struct reading reading = { .pidf = pidf };
    memset(pidf, 0, sizeof *pidf);
    reading.text = text_into(reading.words, sizeof reading.words);
    reading.address = text_into(pidf->address, sizeof pidf->address);
    reading.parser = XML_ParserCreateNS(NULL, '|');
    if (!reading.parser || length > 65536) {
        XML_ParserFree(reading.parser);
        return -EBADMSG;
    }
    XML_SetUserData(reading.parser, &reading);
    XML_SetElementHandler(reading.parser, on_start, on_end);
    XML_SetCharacterDataHandler(reading.parser, on_words);
    XML_SetStartDoctypeDeclHandler(reading.parser, on_doctype);
    bool whole = XML_Parse(reading.parser, xml, (int)length, 1) == XML_STATUS_OK;
    XML_ParserFree(reading.parser);
    if (whole)
        conclude(&reading);
    if (whole && (pidf->place.placed || pidf->address[0]))
        return 0;
    memset(pidf, 0, sizeof *pidf);
    return -EBADMSG;
}
