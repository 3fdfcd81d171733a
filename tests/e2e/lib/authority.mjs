// SPDX-License-Identifier: GPL-3.0-or-later
//
// A certificate authority of a test's own, and one certificate of it: for the city's gateways, and for who calls them.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Leaves sip-ca.pem, sip.crt and sip.key in this folder; returns what node's TLS wants of them. `names`: "DNS:…", "IP:…". */
export function certify(folder, names) {
  const openssl = (...words) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key', '-out', 'sip-ca.pem', '-days', '2',
    '-subj', '/CN=test authority');
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'sip.key', '-out', 'sip.csr', '-subj', '/CN=city');
  writeFileSync(path.join(folder, 'names'), `subjectAltName=${names.join(',')}\n`);
  openssl('x509', '-req', '-in', 'sip.csr', '-CA', 'sip-ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '90', '-extfile', 'names', '-out', 'sip.crt');
  const [ca, key, cert] = ['sip-ca.pem', 'sip.key', 'sip.crt'].map((file) => readFileSync(path.join(folder, file)));
  return { ca, key, cert, servername: names.find((name) => name.startsWith('DNS:')).slice(4) };
}
