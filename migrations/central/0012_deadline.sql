-- Deadlines are synced: they get a version and a body, and one of a kind runs per credit. Nothing was
-- ever written to the table that stood here before.
drop table deadline;
create table deadline (
    customer text not null,
    id text not null,
    credit text not null,
    kind text not null,
    due text not null,
    owner text,
    state text not null,
    version bigint not null,
    body text not null,
    primary key (customer, id)
);
create index deadline_id on deadline (id);
create unique index deadline_running on deadline (customer, credit, kind) where state = 'open';
create index deadline_due on deadline (due) where state = 'open';
-- Who recorded a claim: somebody else has to let a late one count.
alter table claim add column recorded_by text;
