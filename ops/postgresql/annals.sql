-- SPDX-License-Identifier: GPL-3.0-or-later
-- The annals' schema (docs/decisions/0043-annals.md). Run once, by the owner of an empty database, who is not the
-- dispatcher's role:   psql -v ON_ERROR_STOP=1 -v role=yihao -f annals.sql "postgresql://owner@db/yihao"
-- Then the months:     ops/postgresql/months 24 | psql -v ON_ERROR_STOP=1 "postgresql://owner@db/yihao"
-- Words of every SQL server that speaks the protocol, but for the last line.
begin;

-- One row: whose the pen is, and where the last turn leads to. A turn is written in the transaction that changes it.
create table annals_head (
    id bigint primary key check (id = 1),
    epoch bigint not null check (epoch >= 0),
    beat bigint not null,
    holder text not null,
    begin_turn bigint,
    begin_digest bytea,
    last_turn bigint,
    last_digest bytea
);
insert into annals_head (id, epoch, beat, holder) values (1, 0, 0, '');

-- A turn in pieces of at most 256 KiB. Their numbers are unique over all months because annals_head hands each out once.
create table annals_turn (
    turn bigint not null,
    piece bigint not null,
    at_ms bigint not null, -- unix time
    epoch bigint not null,
    digest bytea not null,
    size bigint not null, -- of the whole turn
    bytes bytea not null,
    primary key (turn, piece, at_ms)
) partition by range (at_ms);
create table annals_turn_other partition of annals_turn default; -- a month that nobody made

-- The dispatcher's role adds turns and reads them. It can alter or remove none.
grant select, update on annals_head to :role;
grant select, insert on annals_turn to :role;
commit;

alter table annals_turn alter column bytes set storage external; -- sealed bytes do not shrink
