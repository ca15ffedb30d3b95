-- What is told outside. An event is written in the transaction that it tells of; a message is that
-- event on its way through one channel, tried until it arrives or is given up.
create table event (
    id text primary key,
    at bigint not null,
    kind text not null,
    customer text not null,
    level text not null,
    spread bigint not null,
    body text not null
);
create index event_unspread on event (id) where spread = 0;
create table message (
    id text primary key,
    event text not null references event (id),
    channel text not null,
    state text not null check (state in ('waiting', 'sent', 'given_up')),
    attempts bigint not null,
    next_at bigint not null,
    attempted_at bigint,
    failure text,
    unique (event, channel)
);
create index message_waiting on message (channel, next_at) where state = 'waiting';
create index message_given_up on message (id) where state = 'given_up';
