yihao_fuzz(screen SOURCES fuzz/fuzz_screen.c LIBRARIES console_core)
yihao_fuzz(form SOURCES fuzz/fuzz_form.c LIBRARIES console_core)
yihao_fuzz(attachment SOURCES fuzz/fuzz_attachment.c LIBRARIES proto_attachment)
yihao_fuzz(paper SOURCES fuzz/fuzz_paper.c LIBRARIES paper)
