-- Whom alone an event is told: somebody's subject at the identity provider. Absent: everybody whom alerts are told.
alter table event add column recipient text;
-- Of a month that is locked, each customer success manager is told once.
create table digest (
    person text not null,
    month text not null,
    at bigint not null,
    primary key (person, month)
);
