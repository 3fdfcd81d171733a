# Strangers write these octets: twice the longest share, 20 s each in ops/test.
yihao_fuzz(smpp_pdu SHARE 200 SOURCES fuzz/fuzz_smpp_pdu.c LIBRARIES sms)
yihao_fuzz(sms_text SHARE 200 SOURCES fuzz/fuzz_sms_text.c LIBRARIES sms)
yihao_fuzz(assembly SHARE 200 SOURCES fuzz/fuzz_assembly.c LIBRARIES sms)
# One source, one target for each family of protocols.
foreach(family "cmpp:\"cmpp2\", \"cmpp3\"" "sgip:\"sgip\"" "smgp:\"smgp\"" "smpp_session:\"smpp\"")
    string(REGEX MATCH "^[a-z_]+" family_name ${family})
    string(REGEX REPLACE "^[a-z_]+:" "" family_protocols ${family})
    yihao_fuzz(${family_name} SHARE 200 SOURCES fuzz/fuzz_protocol.c LIBRARIES sms)
    target_compile_definitions(fuzz_${family_name} PRIVATE "FUZZ_PROTOCOLS=${family_protocols}")
endforeach()
