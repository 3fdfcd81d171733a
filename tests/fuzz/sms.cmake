yihao_fuzz(smpp_pdu SOURCES fuzz/fuzz_smpp_pdu.c LIBRARIES sms)
yihao_fuzz(sms_text SOURCES fuzz/fuzz_sms_text.c LIBRARIES sms)
