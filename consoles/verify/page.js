// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
const element = (id) => document.getElementById(id);
element('trail').addEventListener('change', async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const verdict = element('verdict');
    const key = element('key').value.trim().toLowerCase();
    if (key && !/^[0-9a-f]{64}$/.test(key)) { // of a slip of the pen nobody is to read that the city forged something
        verdict.textContent = '公钥应为 64 位十六进制,留痕未核验 · The key is no 64 hex digits: nothing was verified';
        event.target.value = '';
        return;
    }
    verdict.textContent = '…';
    const report = await yihao_verify.verify(new Uint8Array(await file.arrayBuffer()), key || undefined);
    verdict.textContent = report.ok
        ? [`完整 WHOLE: ${report.records} 条记录 records, ${report.first} – ${report.last}`,
            report.algorithm === 2n ? '国密算法 SM3, SM2' : 'BLAKE2b, Ed25519',
            report.incident ? `工单 incident ${report.incident}` : '',
            key ? '由所给公钥签名 signed by the key you gave' : `签名公钥 signed by: ${report.key}\n请与城市公布的公钥核对 compare it with the city's`,
            report.acknowledgements ? `签名确认 acknowledgements signed by their persons' keys: ${report.acknowledgements}` : '',
            ...report.origins.map((origin) => `安全密钥在此页面触碰 security keys touched on ${origin}\n请核对是否为本市网址 is it the city's?`),
            ...report.witnesses.map((witness) => `见证 witness ${witness}`)].filter(Boolean).join('\n')
        : `被篡改 TAMPERED: 记录 record ${report.record}\n${report.reason}`;
});
