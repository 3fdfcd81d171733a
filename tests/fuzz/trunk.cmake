yihao_fuzz(body SOURCES fuzz/fuzz_body.c LIBRARIES trunk_pure)
yihao_fuzz(codecs SOURCES fuzz/fuzz_codecs.c LIBRARIES trunk_pure)
yihao_fuzz(filter SOURCES fuzz/fuzz_filter.c LIBRARIES trunk_pure)
yihao_fuzz(kept SOURCES fuzz/fuzz_kept.c fake/fake_stack.c fake/fake_link.c fake/fake_media.c
    fake/transcript.c LIBRARIES trunk_calls)
# The stack without its sockets.
yihao_fuzz(sip SOURCES fuzz/fuzz_sip.c fake/fake_wire.c fake/fake_link.c fake/fake_media.c
    fake/transcript.c LIBRARIES trunk_calls trunk_stack trunk_pure proto)
yihao_fuzz(t140 SOURCES fuzz/fuzz_t140.c LIBRARIES trunk_pure)
yihao_fuzz(mend SOURCES fuzz/fuzz_mend.c LIBRARIES trunk_pure)
yihao_fuzz(pidf SOURCES fuzz/fuzz_pidf.c LIBRARIES trunk_pure trunk_place)
yihao_fuzz(refer SOURCES fuzz/fuzz_refer.c LIBRARIES trunk_pure)
yihao_fuzz(mirror SOURCES fuzz/fuzz_mirror.c LIBRARIES trunk_mirror)
