yihao_test(letters SOURCES unit/test_letters.c LIBRARIES sms)
yihao_test(sms_codec SOURCES unit/test_sms_codec.c LIBRARIES sms)
yihao_test(smpp_session SOURCES unit/test_smpp_session.c LIBRARIES sms)
yihao_test(sms_exchange SOURCES unit/test_sms_exchange.c LIBRARIES sms)
