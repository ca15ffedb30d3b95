-- Who delivers evidence: how far each has seen, how far central has asked it, and what went wrong
-- last. The definition is name, kind, settings and late_after; the rest moves by itself.
create table source (
    name text primary key,
    kind text not null,
    settings text not null,
    late_after bigint not null,
    cursor_at bigint,
    seen_until bigint,
    succeeded_at bigint,
    failed_at bigint,
    failures bigint not null,
    problem text,
    ignored bigint not null
);

-- Those that have pushed before there was a record of them.
insert into source (name, kind, settings, late_after, seen_until, succeeded_at, failures, ignored)
select name, 'push', '{}', 86400, max(seen), max(recorded), 0, 0
from (
    select source as name, to_at as seen, recorded_at as recorded from evidence
    union all
    select probe_log.source, probe.at, probe_log.recorded_at
    from probe join probe_log on probe_log.id = probe.log
) as delivered
group by name;

-- What a piece of evidence is about: slots are many, and read from the window on that asks for them.
-- Pieces of before are read whatever they are.
alter table evidence add column kind text not null default '';
create index evidence_kind on evidence (series, kind, to_at);
