-- Slots arrive in a small buffer, a row for each push and last hexadecimal digit of its series' ids,
-- and are sealed into blocks of one UTC day. Bodies are bytes, in the format of `ingest/block`.
-- What stood here before was never written to.
drop table slot_buffer;
drop table slot_block;
drop table month_total;

create table slot_buffer (
    digit bigint not null,
    position bigint not null,
    part bigint not null,
    source text not null,
    from_at bigint not null,
    to_at bigint not null,
    recorded_at bigint not null,
    body bytea not null,
    primary key (digit, position, part)
);
create index slot_buffer_source on slot_buffer (source, to_at, from_at);

-- Day is its midnight. What comes later about a day is sealed beside what is there: revision 2, 3 …
create table slot_block (
    series text not null references series (id),
    day bigint not null,
    revision bigint not null,
    source text not null,
    from_at bigint not null,
    to_at bigint not null,
    recorded_at bigint not null,
    slots bigint not null,
    body bytea not null,
    primary key (series, day, revision)
);
create index slot_block_source on slot_block (source, to_at, from_at);

-- What a series' sealed slots come to in a month (UTC), which is counted from year 0. Whole numbers as
-- text: sums of 64 bits may need more.
create table evidence_total (
    series text not null references series (id),
    month bigint not null,
    good text not null,
    requests text not null,
    slots text not null,
    seconds text not null,
    primary key (series, month)
);

-- Slots that came before there were blocks stay where they are.
create index evidence_slots on evidence (source, to_at) where kind in ('slots', '');
