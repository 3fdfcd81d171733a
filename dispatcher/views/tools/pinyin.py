#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes dispatcher/views/pinyin_table.h from Unihan_Readings.txt (Debian package unicode-data):
#     bzcat /usr/share/unicode/Unihan_Readings.txt.bz2 | dispatcher/views/tools/pinyin.py > dispatcher/views/pinyin_table.h
import re
import sys
import unicodedata

read={}
for line in sys.stdin:
    m=re.match(r'U\+([0-9A-F]+)\tkMandarin\t(\S+)',line)
    if m:
        cp=int(m.group(1),16)
        if 0x4e00<=cp<=0x9fff:
            s=unicodedata.normalize('NFD',m.group(2))
            s=s.replace('u\u0308','v')
            s=''.join(c for c in s if 'a'<=c<='z')
            read[cp]=s
syl=sorted(set(read.values()))
A='ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-'
out=['''/* SPDX-License-Identifier: GPL-3.0-or-later AND Unicode-DFS-2016
 *
 * Made by dispatcher/views/tools/pinyin.py from Unihan_Readings.txt (Unicode 15.0, kMandarin, the first reading), which
 * is (c) 1991-2022 Unicode, Inc., under the Unicode licence (https://www.unicode.org/license.html). Tones are
 * left out, v stands for u with diaeresis. Do not edit. */
static const char syllables[][PINYIN_BYTES] = {''']
line='   '
for s in syl:
    w=' "%s",'%s
    if len(line)+len(w)>100: out.append(line); line='   '
    line+=w
out.append(line); out.append('};'); out.append('')
out.append('/* The syllable of U+4E00, U+4E01 and so on: two digits to the base of 64 each, "//" where none is known. */')
out.append('static const char readings[][PINYIN_ROW + 1] = {')
buf=''.join((lambda i:A[i//64]+A[i%64])(syl.index(read[cp])) if cp in read else '//' for cp in range(0x4e00,0xa000))
n=92
rows=[buf[i:i+n] for i in range(0,len(buf),n)]
for row in rows: out.append('    "%s",'%row)
out.append('};')
print('\n'.join(out))
