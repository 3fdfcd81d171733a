yihao_fuzz(sign_in SOURCES fuzz/fuzz_sign_in.c LIBRARIES dispatcher_parts SHARE 10)
yihao_fuzz(assertion SOURCES fuzz/fuzz_assertion.c LIBRARIES token_reading SHARE 10)
yihao_fuzz(authenticator SOURCES fuzz/fuzz_authenticator.c LIBRARIES base proto_signature SHARE 10)
