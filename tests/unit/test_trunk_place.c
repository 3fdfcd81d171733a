/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes with a call about the caller's place (PIDF-LO) and about the call (RFC 7852): shapes,
 * addresses, lies; and through the whole stack to the dispatcher. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "gateways/trunk/call_data.h"
#include "gateways/trunk/exchange.h"
#include "gateways/trunk/pidf.h"
#include "gateways/trunk/precedence.h"
#include "gateways/trunk/sip_build.h"
#include "tests/fake/fake_link.h"
#include "tests/fake/fake_media.h"
#include "tests/fake/fake_wire.h"
#include "tests/fake/transcript.h"

#define PRESENCE(inside)                                                                           \
    "<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" "                      \
    "xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "                                         \
    "xmlns:gp=\"urn:ietf:params:xml:ns:pidf:geopriv10\" "                                          \
    "xmlns:gml=\"http://www.opengis.net/gml\" xmlns:gs=\"http://www.opengis.net/pidflo/1.0\" "     \
    "xmlns:ca=\"urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr\" entity=\"pres:a@b\">"            \
    "<dm:device id=\"d\"><gp:geopriv><gp:location-info>" inside                                    \
    "</gp:location-info><gp:usage-rules/><gp:method>GPS</gp:method></gp:geopriv>"                  \
    "<dm:timestamp>2026-05-01T14:41:55+08:00</dm:timestamp></dm:device></presence>"

#define CIRCLE                                                                                     \
    "<gs:Circle srsName=\"urn:ogc:def:crs:EPSG::4326\"><gml:pos>31.8300 117.2700</gml:pos>"        \
    "<gs:radius uom=\"urn:ogc:def:uom:EPSG::9001\">50</gs:radius></gs:Circle>"

static int read_words(struct pidf *pidf, const char *xml)
{
    return pidf_read(pidf, xml, strlen(xml));
}

static void every_shape_becomes_a_middle_and_a_radius(void **state)
{
    static const struct {
        const char *xml;
        int32_t latitude, longitude; /* 1e-7 degrees */
        uint32_t radius;
    } rows[] = {
        { PRESENCE(CIRCLE), 318300000, 1172700000, 50 },
        { PRESENCE("<gml:Point srsName=\"urn:ogc:def:crs:EPSG::4326\"><gml:pos>31.83 117.27"
                   "</gml:pos></gml:Point>"),
          318300000, 1172700000, 0 },
        { PRESENCE("<gml:Point srsName=\"urn:ogc:def:crs:EPSG::4979\"><gml:pos>-33.5 -70.25 812"
                   "</gml:pos></gml:Point>"),
          -335000000, -702500000, 0 },
        { PRESENCE("<gs:Ellipse srsName=\"urn:ogc:def:crs:EPSG::4326\"><gml:pos>31.83 117.27"
                   "</gml:pos><gs:semiMajorAxis uom=\"m\">120</gs:semiMajorAxis>"
                   "<gs:semiMinorAxis uom=\"m\">30</gs:semiMinorAxis></gs:Ellipse>"),
          318300000, 1172700000, 120 },
        { PRESENCE("<gs:ArcBand srsName=\"urn:ogc:def:crs:EPSG::4326\"><gml:pos>31.83 117.27"
                   "</gml:pos><gs:innerRadius>100</gs:innerRadius><gs:outerRadius>900"
                   "</gs:outerRadius><gs:startAngle>10</gs:startAngle></gs:ArcBand>"),
          318300000, 1172700000, 900 },
        { PRESENCE("<gml:Polygon srsName=\"urn:ogc:def:crs:EPSG::4326\"><gml:exterior>"
                   "<gml:LinearRing><gml:posList>31.82 117.26 31.82 117.28 31.84 117.28 "
                   "31.84 117.26 31.82 117.26</gml:posList></gml:LinearRing></gml:exterior>"
                   "</gml:Polygon>"),
          318300000, 1172700000, 1460 },
        { PRESENCE("<gml:Polygon srsName=\"urn:ogc:def:crs:EPSG::4326\"><gml:exterior>"
                   "<gml:LinearRing><gml:pos>31.82 117.26</gml:pos><gml:pos>31.82 117.28</gml:pos>"
                   "<gml:pos>31.84 117.28</gml:pos><gml:pos>31.84 117.26</gml:pos>"
                   "<gml:pos>31.82 117.26</gml:pos></gml:LinearRing></gml:exterior>"
                   "</gml:Polygon>"),
          318300000, 1172700000, 1460 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pidf pidf;
        assert_int_equal(read_words(&pidf, rows[i].xml), 0);
        assert_true(pidf.place.placed);
        assert_int_equal(pidf.place.latitude_e7, rows[i].latitude);
        assert_int_equal(pidf.place.longitude_e7, rows[i].longitude);
        assert_in_range(pidf.place.uncertainty_m, rows[i].radius, rows[i].radius + 3);
        assert_int_equal(pidf.place.source, FIX_SOURCE_GNSS);
        assert_true(pidf.place.measured_ms == 1777617715000ULL); /* 06:41:55 UTC */
    }
}

static void an_address_is_read_from_the_country_to_the_room(void **state)
{
    struct pidf pidf;
    (void)state;
    assert_int_equal(
        read_words(&pidf,
                   PRESENCE("<ca:civicAddress xml:lang=\"zh\"><ca:country>CN</ca:country>"
                            "<ca:A1>安徽省</ca:A1><ca:A3>合肥市</ca:A3><ca:RD>长江中路</ca:RD>"
                            "<ca:HNO>110</ca:HNO><ca:LOC>3 楼</ca:LOC></ca:civicAddress>"
                            "<ca:civicAddress><ca:A1>elsewhere</ca:A1></ca:civicAddress>")),
        0);
    assert_false(pidf.place.placed);
    assert_string_equal(pidf.address, "CN 安徽省 合肥市 长江中路 110 3 楼");
}

static void what_is_no_place_is_none(void **state)
{
    static const char *const rows[] = {
        "",
        "31.8300 117.2700",
        "<presence>",
        PRESENCE(""),
        PRESENCE("<gml:Point srsName=\"urn:ogc:def:crs:EPSG::4326\"><gml:pos>91 10</gml:pos>"
                 "</gml:Point>"),
        PRESENCE("<gml:Point srsName=\"urn:ogc:def:crs:EPSG::4326\"><gml:pos>nan nan</gml:pos>"
                 "</gml:Point>"),
        PRESENCE("<gml:Point srsName=\"urn:ogc:def:crs:EPSG::3857\"><gml:pos>31 117</gml:pos>"
                 "</gml:Point>"),
        "<!DOCTYPE a [<!ENTITY b \"c\">]><presence><pos>31 117</pos></presence>",
    };
    struct pidf pidf;
    char deep[64 * 3 + 1];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(read_words(&pidf, rows[i]), -EBADMSG);
        assert_false(pidf.place.placed);
    }
    for (int i = 0; i < 64; i++)
        memcpy(deep + 3 * i, "<a>", 3);
    deep[sizeof deep - 1] = 0;
    assert_int_equal(read_words(&pidf, deep), -EBADMSG);
}

static void additional_data_becomes_lines_a_person_reads(void **state)
{
    static const char service[] =
        "<svc:EmergencyCallData.ServiceInfo xmlns:svc=\"urn:x\"><svc:DataProviderReference>1@p"
        "</svc:DataProviderReference><svc:ServiceEnvironment>\n  Residence </svc:ServiceEnvironment>"
        "<svc:ServiceMobility>Fixed</svc:ServiceMobility></svc:EmergencyCallData.ServiceInfo>";
    char words[256];
    struct text text = text_into(words, sizeof words);
    (void)state;
    assert_true(call_data_is("application/EmergencyCallData.ServiceInfo+xml"));
    assert_false(call_data_is("application/sdp"));
    assert_int_equal(call_data_add(&text, service, sizeof service - 1), 0);
    assert_int_equal(call_data_add(&text, "<a><b>lost</b>", 14), -EBADMSG);
    assert_string_equal(words, "DataProviderReference: 1@p\nServiceEnvironment: Residence\n"
                               "ServiceMobility: Fixed\n");
}

struct city {
    struct exchange *exchange;
    struct registrar *registrar;
    struct stack *stack;
    struct link *link;
    struct media *media;
};

static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\n"
                          "t=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";

static void open_city(struct city *city, const char *source)
{
    struct exchange_settings settings = { .address = "127.0.0.1",
                                          .lines_path = "/nonexistent/lines",
                                          .first_call = 1 };
    struct stack_settings stack = { .address = "127.0.0.1", .port = 5060 };
    log_open("test", LOG_ERROR);
    fake_link_first_call = 0;
    assert_true(sources_add(&settings.sources, source));
    assert_int_equal(registrar_open(&city->registrar, "/nonexistent/phones", "city"), 0);
    settings.registrar = city->registrar;
    city->exchange = exchange_create(&settings);
    city->link = fake_link_make(&exchange_link_handlers, city->exchange);
    city->media = fake_media_make();
    assert_int_equal(stack_open(&city->stack, &stack, &exchange_stack_handlers, city->exchange), 0);
    exchange_connect(city->exchange, city->stack, city->link, city->media);
    (void)transcript_take();
}

static void close_city(struct city *city)
{
    stack_close(city->stack);
    link_close(city->link);
    media_close(city->media);
    exchange_destroy(city->exchange);
    registrar_close(city->registrar);
}

/* The fake wire's messages come from 192.0.2.7. */
static void call(const char *uri, const char *headers, const char *type, const char *body)
{
    static char message[8192];
    int length = snprintf(message, sizeof message,
                          "INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKplace\r\n"
                          "From: <sip:13800001111@192.0.2.7>;tag=1\r\nTo: <%s>\r\n"
                          "Call-ID: place\r\nCSeq: 1 INVITE\r\nContact: <sip:a@192.0.2.7>\r\n%s"
                          "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                          uri, uri, headers, type, strlen(body), body);
    fake_wire_hear_datagram(message, (size_t)length);
}

static void a_call_that_says_where_it_is_arrives_with_its_place(void **state)
{
    struct city city;
    char body[4096];
    (void)state;
    open_city(&city, "192.0.2.0/24");
    (void)snprintf(body, sizeof body,
                   "--x\r\nContent-Type: application/sdp\r\n\r\n%s\r\n--x\r\n"
                   "Content-Type: application/pidf+xml\r\nContent-ID: <l@c>\r\n\r\n%s\r\n"
                   "--x--\r\n",
                   sdp, PRESENCE(CIRCLE));
    call("urn:service:sos.fire",
         "Geolocation: <cid:l@c>\r\nGeolocation-Routing: yes\r\nResource-Priority: esnet.1\r\n",
         "multipart/mixed;boundary=x", body);
    assert_string_equal(transcript_take(),
                        "report ContactArrive call=1 line=119 called=service:sos.fire "
                        "number=13800001111 position=31.8300000,117.2700000\n"
                        "report CallerLocate number=13800001111 "
                        "position=31.8300000,117.2700000 within=50\n");
    assert_string_equal(fake_link_arrived_text(), "Resource-Priority: esnet.1\n");
    close_city(&city);
}

static void the_number_first_called_is_what_the_taker_sees(void **state)
{
    static const struct {
        const char *source, *headers, *called;
    } rows[] = {
        { "192.0.2.0/24",
          "History-Info: <sip:05515551234@c?Reason=SIP%3Bcause%3D302>;index=1, "
          "<sip:110@c>;index=1.1\r\n",
          "called=05515551234 " },
        { "192.0.2.0/24", /* an entry each, behind each other by index, not by place (RFC 7044 §5.2) */
          "History-Info: <sip:110@c;user=phone>;index=1.10;np=1.9\r\n"
          "History-Info: <sip:05515550002@c?Reason=SIP%3Bcause%3D486>;index=1.9;mp=1\r\n"
          "History-Info: \"x, y\" <sip:05515550001@c>;index=1\r\n",
          "called=05515550001 " },
        { "192.0.2.0/24", /* who was called first wants to be unknown: who was next */
          "History-Info: <sip:anonymous@anonymous.invalid>;index=1,"
          "<sip:05515550003@c?Reason=Q.850%3Bcause%3D17>;index=1.1;rc=1,<sip:110@c>;index=1.1.1;mp=1.1\r\n",
          "called=05515550003 " },
        { "192.0.2.0/24", "History-Info: <sip:05515550004@c>, <sip:110@c>\r\n",
          "called=05515550004 " },
        { "192.0.2.0/24", "History-Info: ,,<,;index=1.99999999999999999999.1\r\n", "called=110 " },
        { "192.0.2.0/24",
          "Diversion: \"b, c\" <sip:05510000002@c>;reason=no-answer, "
          "<sip:05510000001@c>;reason=unconditional\r\n",
          "called=05510000001 " },
        { "192.0.2.0/24",
          "Diversion: <sip:05510000002@c>;reason=no-answer\r\n"
          "Diversion: <tel:05510000001>;reason=unconditional\r\n",
          "called=05510000001 " },
        /* a stranger's cry for help is taken, and believed in nothing */
        { "198.51.100.1", "Diversion: <sip:05510000002@c>\r\n", "called=110 number=\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct city city;
        open_city(&city, rows[i].source);
        call("sip:110@192.0.2.1", rows[i].headers, "application/sdp", sdp);
        assert_non_null(strstr(transcript_take(), rows[i].called));
        close_city(&city);
    }
}

/* The 64th entry is the last that is looked at. */
static void a_history_without_end_is_read_so_far(void **state)
{
    (void)state;
    char headers[4096] = "";
    for (unsigned i = 0; i < 80; i++)
        (void)snprintf(headers + strlen(headers), sizeof headers - strlen(headers),
                       "%s<sip:%u@c>;index=%u%s", i % 20 ? "," : "History-Info: ", 1000 + i,
                       100 - i, i % 20 == 19 ? "\r\n" : "");
    struct city city;
    open_city(&city, "192.0.2.0/24");
    call("sip:110@192.0.2.1", headers, "application/sdp", sdp);
    assert_non_null(strstr(transcript_take(), "called=1063 "));
    close_city(&city);
}

static void whose_care_is_asked_for_is_read_as_it_is_registered(void **state)
{
    static const struct {
        const char *value, *known;
    } rows[] = {
        { "esnet.1", "esnet.1" },
        { " WPS.3 ,\tEsNet.0\r\n", "wps.3, esnet.0" },
        { "ets.0, ets.4", "ets.0" }, /* one of each namespace */
        { "dsn.flash-override", "dsn.flash-override" },
        { "dsn.flash-overrid, dsn.flash-override-override", "" },
        { "esnet.5, esnet, esnet., .1, esnet.1.1, esnet.1;q=1", "" },
        { "x.1,,ets.2,", "ets.2" },
        { "dsn.flash-override,drsn.flash-override-override,q735.0,ets.0,wps.0,esnet.0,wps.1",
          "dsn.flash-override, drsn.flash-override-override, q735.0, ets.0, wps.0, esnet.0" },
        { "", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char known[PRECEDENCE_BYTES] = "";
        assert_int_equal(precedence_read(known, rows[i].value), rows[i].known[0] != 0);
        assert_string_equal(known, rows[i].known);
    }
    char known[PRECEDENCE_BYTES] = "ets.0"; /* of a header before */
    assert_true(precedence_read(known, "ets.1, wps.1"));
    assert_string_equal(known, "ets.0, wps.1");
}

/* RFC 4412 §4.6.2: who insists on a care that is none here hears so, but never who cries for help. */
static void a_required_priority_that_is_unknown_refuses_ordinary_calls_alone(void **state)
{
#define ASKS(value) "Require: resource-priority\r\nResource-Priority: " value "\r\n"
    static const struct {
        const char *uri, *headers, *said, *text;
    } rows[] = {
        { "sip:12345@192.0.2.1", ASKS("x.1"), "SIP/2.0 417 ", NULL },
        { "sip:12345@192.0.2.1", ASKS("x.1\r\nResource-Priority: wps.2"), "SIP/2.0 100 ",
          "Resource-Priority: wps.2\n" },
        { "sip:12345@192.0.2.1", ASKS("esnet.1, x.1"), "SIP/2.0 100 ",
          "Resource-Priority: esnet.1\n" },
        { "sip:12345@192.0.2.1", "Resource-Priority: x.1\r\n", "SIP/2.0 100 ", "" },
        { "sip:12345@192.0.2.1", "Require: resource-priority\r\n", "SIP/2.0 100 ", "" },
        { "sip:110@192.0.2.1", ASKS("x.1"), "SIP/2.0 100 ", "" },
        { "urn:service:sos", ASKS("x.1"), "SIP/2.0 100 ", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct city city;
        open_city(&city, "192.0.2.0/24");
        fake_wire_forget();
        call(rows[i].uri, rows[i].headers, "application/sdp", sdp);
        assert_ptr_equal(strstr(fake_wire_said(), rows[i].said), fake_wire_said());
        bool arrived = strstr(transcript_take(), "report ContactArrive");
        assert_int_equal(arrived, rows[i].text != NULL);
        if (arrived)
            assert_string_equal(fake_link_arrived_text(), rows[i].text);
        else
            assert_non_null(strstr(fake_wire_said(), "Accept-Resource-Priority: dsn.routine, "));
        close_city(&city);
    }
}

static const char *built(const char *first, const char *second)
{
    static char bytes[2048];
    struct dialog dialog = { .call_id = "1", .local_uri = "sip:110@us", .target = "sip:far@end" };
    const struct sip_request bye = { .method = "BYE", .dialog = &dialog, .cseq = 2 };
    const struct sip_self self = { .host = "192.0.2.1", .port = 5060 };
    const struct wire_peer hop = { .ip = "192.0.2.50", .port = 5060 };
    (void)text_copy(dialog.routes[0], sizeof dialog.routes[0], first);
    (void)text_copy(dialog.routes[1], sizeof dialog.routes[1], second);
    dialog.route_count = 2;
    assert_true(sip_build_request(bytes, sizeof bytes, &bye, &self, "z9hG4bK1", &hop) > 0);
    return bytes;
}

/* RFC 3261 §12.2.1.1: an old proxy takes the request line for its own, and the end stands last in the way. */
static void a_strict_proxy_finds_itself_in_the_request_line(void **state)
{
    (void)state;
    const char *loose = built("sip:p1;lr", "sip:p2;lr=on");
    assert_ptr_equal(strstr(loose, "BYE sip:far@end SIP/2.0\r\n"), loose);
    assert_non_null(strstr(loose, "Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr=on>\r\nMax"));
    const char *strict = built("sip:p1;transport=udp", "sip:p2;lr");
    assert_ptr_equal(strstr(strict, "BYE sip:p1;transport=udp SIP/2.0\r\n"), strict);
    assert_non_null(strstr(strict, "Route: <sip:p2;lr>\r\nRoute: <sip:far@end>\r\nMax"));
    strict = built("sip:p1;lrx=1", "sip:p2;lr");
    assert_ptr_equal(strstr(strict, "BYE sip:p1;lrx=1 SIP/2.0\r\n"), strict);
    assert_ptr_equal(strstr(built("sip:p1;lrx;LR", "sip:p2"), "BYE sip:far@end "), strict);
}

static const char *try_by(const char *proxy, unsigned cseq)
{
    char message[1024];
    int length = snprintf(message, sizeof message,
                          "INVITE sip:110@192.0.2.1 SIP/2.0\r\n"
                          "Via: SIP/2.0/UDP %s;branch=z9hG4bK%s.%u\r\n"
                          "Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKcaller%u\r\n"
                          "Record-Route: <sip:%s;lr>\r\n"
                          "From: <sip:13800001111@192.0.2.7>;tag=1\r\nTo: <sip:110@192.0.2.1>\r\n"
                          "Call-ID: again\r\nCSeq: %u INVITE\r\nContact: <sip:a@192.0.2.99>\r\n"
                          "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
                          proxy, proxy, cseq, cseq, proxy, cseq, sizeof sdp - 1, sdp);
    fake_wire_forget();
    fake_wire_hear_datagram(message, (size_t)length);
    return fake_wire_said();
}

/* RFC 3665 §3.4: the caller's telephone heard nothing by the first proxy and tries the second, by the same Call-ID.
 * Whether the first try reached us or not, the second is a caller, not a loop. */
static void a_second_try_past_a_proxy_that_failed_is_a_call(void **state)
{
    static const char *const first[] = { "192.0.2.11", NULL };
    (void)state;
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        struct city city;
        open_city(&city, "192.0.2.0/24");
        if (first[i])
            assert_non_null(strstr(try_by(first[i], 1), "SIP/2.0 100 "));
        (void)transcript_take();
        const char *said = try_by("192.0.2.12", 2);
        assert_non_null(strstr(said, "SIP/2.0 100 "));
        assert_non_null(strstr(said, "Via: SIP/2.0/UDP 192.0.2.12;branch=z9hG4bK192.0.2.12.2"));
        assert_non_null(strstr(transcript_take(), first[i]
                                                      ? "report ContactArrive call=2 line=110"
                                                      : "report ContactArrive call=1 line=110"));
        assert_non_null(strstr(try_by("192.0.2.13", 2), "SIP/2.0 482 ")); /* that one is the same */
        close_city(&city);
    }
}

/* RFC 4412 §3.2: nobody has to try what is known here. */
static void who_asks_what_we_can_hears_which_priorities_are_known(void **state)
{
    static const char ask[] = "OPTIONS sip:192.0.2.1 SIP/2.0\r\n"
                              "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKask\r\n"
                              "From: <sip:a@192.0.2.7>;tag=1\r\nTo: <sip:192.0.2.1>\r\n"
                              "Call-ID: ask\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    struct city city;
    (void)state;
    open_city(&city, "192.0.2.0/24");
    fake_wire_forget();
    fake_wire_hear_datagram(ask, sizeof ask - 1);
    assert_ptr_equal(strstr(fake_wire_said(), "SIP/2.0 200 "), fake_wire_said());
    assert_non_null(strstr(fake_wire_said(), "Accept-Resource-Priority: dsn.routine, "));
    assert_non_null(strstr(fake_wire_said(), "esnet.4\r\n"));
    assert_non_null(strstr(fake_wire_said(), "Allow: INVITE, "));
    close_city(&city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_becomes_a_middle_and_a_radius),
        cmocka_unit_test(an_address_is_read_from_the_country_to_the_room),
        cmocka_unit_test(what_is_no_place_is_none),
        cmocka_unit_test(additional_data_becomes_lines_a_person_reads),
        cmocka_unit_test(a_call_that_says_where_it_is_arrives_with_its_place),
        cmocka_unit_test(the_number_first_called_is_what_the_taker_sees),
        cmocka_unit_test(a_history_without_end_is_read_so_far),
        cmocka_unit_test(whose_care_is_asked_for_is_read_as_it_is_registered),
        cmocka_unit_test(a_strict_proxy_finds_itself_in_the_request_line),
        cmocka_unit_test(a_second_try_past_a_proxy_that_failed_is_a_call),
        cmocka_unit_test(who_asks_what_we_can_hears_which_priorities_are_known),
        cmocka_unit_test(a_required_priority_that_is_unknown_refuses_ordinary_calls_alone),
    };
    return cmocka_run_group_tests_name("trunk_place", tests, NULL, NULL);
}
