-- Until when a source has watched what it tells outages of, in seconds: nothing of whom has ever come counts as up (law 3).
-- The greatest integer: it tells without saying how far it has seen.
alter table source add column watched_until bigint;
update source set watched_until = 9223372036854775807 where exists (
    select 1 from evidence where evidence.source = source.name
);
