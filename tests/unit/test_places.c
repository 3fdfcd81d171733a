/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "consoles/ctl/places.h"

static struct place places[PLACES_MAX];

static void is(int number, const char *host, const char *port)
{
    assert_string_equal(places[number].host, host);
    assert_string_equal(places[number].port, port);
}

static void every_host_of_a_place_is_found(void **state)
{
    (void)state;
    assert_int_equal(
        places_of("postgresql://yihao@db-1,db-2:5433,[fd00::3]:5434/annals?x=1", places), 3);
    is(0, "db-1", "5432");
    is(1, "db-2", "5433");
    is(2, "fd00::3", "5434");
    assert_int_equal(places_of("postgresql://yihao:a%40b@db/annals", places), 1);
    is(0, "db", "5432");
    assert_int_equal(places_of("postgresql://db", places), 1);
    is(0, "db", "5432");
}

static void a_socket_is_no_host(void **state)
{
    (void)state;
    assert_int_equal(places_of("postgresql://yihao@/annals?host=/run/postgresql", places), -1);
    assert_int_equal(places_of("postgresql://", places), -1);
    assert_int_equal(places_of("lmdb:/mnt/annals", places), -1);
    assert_int_equal(places_of("postgresql://yihao@[fd00::1/annals", places), -1);
}

static void more_hosts_than_are_looked_at_are_left_out(void **state)
{
    (void)state;
    assert_int_equal(places_of("postgresql://a,b,c,d,e,f,g,h,i,j/annals", places), PLACES_MAX);
    is(PLACES_MAX - 1, "h", "5432");
}

static void a_parameter_is_read_by_its_whole_name(void **state)
{
    (void)state;
    char value[PLACE_VALUE_BYTES];
    static const char uri[] = "postgresql://db/annals?sslcertmode=x&sslcert=/a%20b/c%2&sslkey=";
    assert_true(place_value(uri, "sslcert", value));
    assert_string_equal(value, "/a b/c%2");
    assert_true(place_value(uri, "sslkey", value));
    assert_string_equal(value, "");
    assert_false(place_value(uri, "sslrootcert", value));
    assert_false(place_value("postgresql://db/annals", "sslcert", value));
    char longer[PLACE_VALUE_BYTES + 32] = "postgresql://db/annals?a=";
    memset(longer + strlen(longer), 'x', PLACE_VALUE_BYTES);
    assert_false(place_value(longer, "a", value));
}

int main(void)
{
    const struct CMUnitTest stories[] = {
        cmocka_unit_test(every_host_of_a_place_is_found),
        cmocka_unit_test(a_socket_is_no_host),
        cmocka_unit_test(more_hosts_than_are_looked_at_are_left_out),
        cmocka_unit_test(a_parameter_is_read_by_its_whole_name),
    };
    return cmocka_run_group_tests(stories, NULL, NULL);
}
