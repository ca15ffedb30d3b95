-- Contracts and SLA lines that somebody is writing. Like proposals they may hold many customers' data,
-- so that they are not synced.
create table draft (
    id text primary key,
    number text not null unique,
    revision bigint not null,
    state text not null,
    changed_at bigint not null,
    body text not null
);
create index draft_state on draft (state, changed_at);
