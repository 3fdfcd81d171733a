/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What telephones say about their place, as they really say it (ETSI TS 103 625, Google's ELS samples). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/aml.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void every_text_is_read_as_its_vector_says(void **state)
{
    (void)state;
    static const struct {
        const char *words, *position;
        uint32_t version, uncertainty_m, confidence;
        enum fix_source source;
        uint64_t measured_ms;
    } vectors[] = {
        { "A\"ML=1;lt=+51.53321;lg=-0.12601;rd=14;top=20220131171748;lc=68;pm=W;si=234159000000000;"
          "ei=123456789012345;mcc=234;mnc=15;ml=126",
          "51.5332100,-0.1260100", 1, 14, 68, FIX_SOURCE_WIFI, 1643649468000 },
        { "A\"ML=1;lt=+00.00000;lg=+000.00000;rd=N;top=20220131173734;lc=0;pm=N;si=234159000000000;"
          "ei=123456789012345;mcc=234;mnc=15;ml=127",
          "", 1, 0, 0, FIX_SOURCE_NONE, 1643650654000 },
        { "A\"ML=1;lt=37.42175;lg=-122.08461;rd=20;top=20150613010948;lc=68;pm=G;si=987654231;"
          "ei=358239059042542;mcc=310;mnc=260;ml=123",
          "37.4217500,-122.0846100", 1, 20, 68, FIX_SOURCE_GNSS, 1434157788000 },
        { "A\"ML=2;en=112;et=1593187189;lo=37.42175,-122.08461,20.1;lt=5;lc=68;lz=-10.1,10.1;ls=G;"
          "ei=358239059042542;nc=310260;hc=310260;lg=en-US",
          "37.4217500,-122.0846100", 2, 20, 68, FIX_SOURCE_GNSS, 1593187194000 },
        { "A\"ML=2;et=1593187189;lo=-33.5,151.25,8;lt=-7;ls=f", "-33.5000000,151.2500000", 2, 8, 0,
          FIX_SOURCE_FUSED, 1593187182000 },
        /* no sign, no order, no length, an unknown key, a small letter */
        { " A\"ML=1;pm=c;xx=1;lg=2.35;lt=48.8;rd=2800", "48.8000000,2.3500000", 1, 2800, 0,
          FIX_SOURCE_CELL, 0 },
        { "A\"ML=1;lt=+51.5;lg=-0.1;rd=14;ml=999999999999999999999", "51.5000000,-0.1000000", 1, 14,
          0, FIX_SOURCE_UNKNOWN, 0 },
    };

    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct aml aml;
        struct command command = { 0 };
        struct personal personal = { 0 };

        assert_true(aml_is(vectors[i].words));
        assert_int_equal(aml_read(&aml, vectors[i].words), 0);
        assert_int_equal(aml.version, vectors[i].version);
        aml_command(&aml, FIX_MEANS_TEXT, &command, &personal);
        assert_string_equal(personal.position, vectors[i].position);
        assert_int_equal(command.kind, COMMAND_CALLER_LOCATE);
        assert_int_equal(command.caller_locate.uncertainty_m, vectors[i].uncertainty_m);
        assert_int_equal(command.caller_locate.confidence, vectors[i].confidence);
        assert_int_equal(command.caller_locate.source, vectors[i].source);
        assert_int_equal(command.caller_locate.measured_ms, vectors[i].measured_ms);
    }
}

static void what_says_no_place_is_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "A\"ML=",
        "A\"ML=1",
        "A\"ML=1;lt=51.5",
        "A\"ML=1;lt=91;lg=0.1",
        "A\"ML=1;lt=51;lg=181",
        "A\"ML=1;lt=x;lg=y",
        "A\"ML=2;lo=51.5",
        "A\"ML=1;lt=99999999999;lg=1",
        "help! A\"ML=1;lt=51.5;lg=0.1",
    };
    struct aml aml;

    for (size_t i = 0; i < COUNT(broken); i++)
        assert_int_equal(aml_read(&aml, broken[i]), -EBADMSG);
    assert_false(aml_is("A ML=1"));
    assert_false(aml_is("I am at A\"ML=1"));
}

static void a_form_is_read_up_to_its_signature(void **state)
{
    (void)state;
    static const char form[] =
        "v=1&device_number=%2B447477593102&location_latitude=55.85732&location_longitude=-4.26325&"
        "location_time=1476189444435&location_accuracy=10.4&location_source=GPS&"
        "location_certainty=83&location_altitude=0.0&location_floor=5&device_model=ABC+ABC+Test&"
        "device_imei=354773072099116&device_imsi=234159176307582&cell_network_mcc=234&"
        "hmac=f64c70eb238bb239e00e8ac8c023bf2b5d3c41dd&location_latitude=1";
    struct aml aml;
    struct command command = { 0 };
    struct personal personal = { 0 };
    char number[32];
    size_t length = 0;
    const char *signature = NULL;

    assert_int_equal(aml_read_form(&aml, form, strlen(form), number, &length, &signature), 0);
    assert_string_equal(number, "+447477593102");
    assert_int_equal(aml.version, 1);
    assert_int_equal(aml.source, FIX_SOURCE_GNSS);
    assert_int_equal(aml.uncertainty_m, 10);
    assert_int_equal(aml.confidence, 83);
    assert_int_equal(aml.measured_ms, 1476189444435);
    aml_command(&aml, FIX_MEANS_WEB, &command, &personal);
    assert_string_equal(personal.position, "55.8573200,-4.2632500");
    assert_int_equal(length, strstr(form, "&hmac=") - form);
    assert_ptr_equal(signature, strstr(form, "f64c"));
}

static void a_form_without_a_number_or_a_place_is_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "&&&",
        "=",
        "v=1",
        "location_latitude=1&location_longitude=2",
        "device_number=%2B44&location_latitude=1",
        "device_number=%zz&location_latitude=1",
        "hmac=00",
        "device_number=%00&location_latitude=1&location_longitude=2",
        "device_number=0123456789012345678901234567890123&location_latitude=1&location_longitude=2",
    };
    struct aml aml;
    char number[32];
    size_t length;
    const char *signature;

    for (size_t i = 0; i < COUNT(broken); i++)
        assert_int_equal(
            aml_read_form(&aml, broken[i], strlen(broken[i]), number, &length, &signature),
            -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_is_read_as_its_vector_says),
        cmocka_unit_test(what_says_no_place_is_refused),
        cmocka_unit_test(a_form_is_read_up_to_its_signature),
        cmocka_unit_test(a_form_without_a_number_or_a_place_is_refused),
    };
    return cmocka_run_group_tests_name("aml", tests, NULL, NULL);
}
