# Seeds run for ever once they found something; the first ones are just numbers.
if(TARGET dispatcher_loop AND TARGET link)
    add_executable(sim sim/sim.c sim/kernel.c sim/swarm.c sim/node.c sim/trio.c sim/service.c sim/port.c sim/trunk.c sim/gone.c sim/survive.c sim/post.c
        sim/desk.c sim/office.c sim/bureau.c sim/trade.c sim/crew.c sim/talk.c sim/kin.c sim/notice.c sim/caller.c sim/city.c sim/storm.c sim/slip.c sim/map.c sim/disk.c sim/network.c sim/machine.c sim/image.c
        sim/host.c sim/figures.c sim/wire.c sim/alone.c sim/ledger.c
        sim/witness.c sim/auditor.c sim/auditor_call.c sim/auditor_work.c sim/auditor_rest.c sim/auditor_moves.c
        sim/auditor_transfer.c sim/auditor_storm.c sim/auditor_unit.c sim/auditor_guide.c sim/auditor_family.c
        sim/auditor_clock.c sim/auditor_text.c sim/auditor_caller.c sim/auditor_party.c sim/auditor_park.c sim/auditor_survive.c sim/auditor_paper.c sim/auditor_exam.c sim/guest.c
        golden/journal_file.c ../dispatcher/annals/annals.c ../dispatcher/annals/watch.c)
    # Before the libraries: disk, network and machine stand in for LMDB, ZeroMQ and the system.
    target_link_libraries(sim PRIVATE yihao_flags dispatcher_loop link dispatch_core dispatcher_parts dispatch_kpi trunk_pure
        proto proto_codec PkgConfig::sodium m -Wl,--wrap=abort -Wl,--wrap=_exit)
    set_target_properties(sim PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/sim/seeds.txt)
    file(STRINGS ${CMAKE_CURRENT_SOURCE_DIR}/sim/seeds.txt seeds REGEX "^[0-9]")
    foreach(line ${seeds})
        string(REGEX REPLACE "[ -]+" "_" name ${line})
        separate_arguments(arguments UNIX_COMMAND ${line})
        add_test(NAME sim_${name} COMMAND sim ${arguments})
    endforeach()
endif()
if(TARGET dispatch_core)
    add_executable(test_story_estimates sim/estimates.c)
    target_link_libraries(test_story_estimates PRIVATE yihao_flags dispatch_core m)
    set_target_properties(test_story_estimates PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME story_estimates COMMAND test_story_estimates)
endif()
