-- Where the first outage or gap stands that is told of a part; null: there is none. Of counts a part is missed
-- from its first slot on, of downtime it was watched from either on.
alter table part add column told_since bigint;

update part set told_since = (
    select min(evidence.from_at) from evidence
    where evidence.series = part.series and evidence.kind in ('outage', 'unknown')
);

-- What of a source's last delivery was set aside: JSON; null: nothing.
alter table source add column set_aside text;
