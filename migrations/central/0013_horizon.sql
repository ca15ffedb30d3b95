-- When an entity went (seconds since 1970): its tombstone is collected once it is old enough. The
-- counters `horizon` and `collected` say up to which position that was done, and the highest version
-- that was collected, so that what comes back comes back above it.
alter table feed add column gone_at bigint;
create index feed_gone on feed (gone_at) where gone_at is not null;
