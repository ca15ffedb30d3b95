-- What drives money, and who may decide about it, changes by two people: one proposes, another puts
-- it in force (law 5). A proposal may hold many customers' data, so that it is not synced.
create table proposal (
    id text primary key,
    number text not null unique,
    kind text not null,
    state text not null,
    proposed_at bigint not null,
    body text not null
);
create index proposal_state on proposal (state, proposed_at);
