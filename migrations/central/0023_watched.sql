-- Until when a source has watched what it tells outages of, in seconds: nothing of whom has ever come counts as up (law 3).
-- The greatest integer: it tells without saying how far it has seen. Of what was delivered before, that holds where outages
-- or gaps are on record, and where nothing else is: who has only said that all is well left nothing else behind.
alter table source add column watched_until bigint;
update source set watched_until = 9223372036854775807 where exists (
    select 1 from evidence where evidence.source = source.name and evidence.kind not in ('slots', '')
) or (
    source.kind = 'push' and succeeded_at is not null
    and not exists (select 1 from slot_block where slot_block.source = source.name)
    and not exists (select 1 from slot_buffer where slot_buffer.source = source.name)
    and not exists (select 1 from probe_log where probe_log.source = source.name)
);
