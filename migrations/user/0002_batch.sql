-- A period's statements, issued in one go. What is to be done is written down before it begins, so
-- that a run that was killed goes on, and nobody gets two.
create table statement_batch (
    id text not null primary key,
    period text not null,
    -- For customers whose own language is not known.
    language text not null,
    state text not null check (state in ('running', 'paused', 'cancelled', 'done')),
    made_at integer not null,
    ended_at integer,
    -- The signed list, once it is written: relative to the profile's folder.
    list text
) strict;

create table statement_batch_item (
    batch text not null references statement_batch (id),
    position integer not null,
    customer text not null,
    name text not null,
    language text not null,
    -- Absent until its number was asked for.
    statement text,
    -- Why it could not be asked for.
    problem text,
    primary key (batch, position)
) strict, without rowid;
create index statement_batch_item_statement on statement_batch_item (statement);
create index statement_batch_item_waiting on statement_batch_item (batch, position)
    where statement is null and problem is null;

-- What verifying the file found before it was released.
alter table statement_run add column verdict text;
