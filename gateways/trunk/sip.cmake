# Signalling: SIP, calls, registration. trunk_calls does not bring stack, link and media, nor
# trunk_stack its sockets: tests put fakes in their place.
yihao_library(trunk_pure SOURCES body.c carrier.c codecs.c crypto.c dial_plan.c dialog.c filter.c leg.c mend.c plan_turn.c precedence.c refer_terms.c referral.c room.c sources.c
    t140.c
    tongue.c
    LIBRARIES base proto)
yihao_library(trunk_stack SOURCES sip_build.c sip_message.c sip_terms.c stack.c stack_client.c
    stack_resume.c stack_server.c transaction.c
    LIBRARIES trunk_pure trunk_place PRIVATE_LIBRARIES PkgConfig::osip2 PkgConfig::sodium)
yihao_library(trunk_place SOURCES call_data.c pidf.c
    LIBRARIES base proto PRIVATE_LIBRARIES PkgConfig::expat m)
yihao_library(trunk_wire SOURCES wire.c LIBRARIES trunk_pure tls)
yihao_library(trunk_digest SOURCES digest.c enrol.c
    LIBRARIES base PRIVATE_LIBRARIES PkgConfig::osip2 PkgConfig::sodium)
yihao_library(trunk_kept SOURCES kept.c LIBRARIES base PRIVATE_LIBRARIES PkgConfig::sodium)
yihao_library(trunk_calls SOURCES alone.c announce.c caller.c carriers.c carriers_enrol.c conversation.c early.c exchange.c gone.c kept_table.c
    hearing.c leg_media.c life.c orders.c phone.c place.c refer.c refer_out.c registers.c registrar.c replaces.c session.c strangers.c synthetic.c take_up.c turned_away.c
    typing.c
    LIBRARIES trunk_pure trunk_kept trunk_digest trunk_place proto_tape PRIVATE_LIBRARIES PkgConfig::sodium)
yihao_library(trunk_mirror SOURCES mirror.c LIBRARIES trunk_kept mirror_socket)
if(TARGET trunk_media AND TARGET link)
    yihao_program(yihao-trunk SOURCES figures.c main.c standby.c trunk.c
        LIBRARIES trunk_calls trunk_mirror trunk_stack trunk_wire trunk_media link proto_settings proto_keys)
endif()
