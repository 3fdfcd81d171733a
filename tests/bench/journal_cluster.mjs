// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_journal_pg against PostgreSQL under Patroni with a synchronous standby, over TLS, all on this machine.
//     node tests/bench/journal_cluster.mjs BENCH_PROGRAM [EVENTS] [PORT_BASE]
import { spawnSync } from 'node:child_process';
import { Cluster } from '../e2e/lib/cluster.mjs';

const [program, events = '4096', base = '12000'] = process.argv.slice(2);
const cluster = await Cluster.make(Number(base));
try {
  await cluster.ask('create table raw (seq bigint primary key, epoch bigint, payload bytea); grant insert on raw to yihao');
  const place = cluster.shell('annals_place "$C" "$C/a"');
  console.log(`${JSON.stringify(await cluster.roles())}, fsync ${await cluster.ask('show fsync')}, ` +
    `synchronous_commit ${await cluster.ask('show synchronous_commit')}, standby ${await cluster.ask('show synchronous_standby_names')}`);
  process.exitCode = spawnSync(program, [events, `${place}&sslmode=verify-full`], { stdio: 'inherit' }).status ?? 1;
} finally {
  cluster.remove();
}
