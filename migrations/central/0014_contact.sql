-- Contacts, deliveries and what customers say to statements are synced: they get a version and a body.
-- Nothing was ever written to the tables that stood here before.
drop table contact;
create table contact (
    customer text not null,
    id text not null,
    role text not null,
    -- Ids of who entered or changed it since it was confirmed last: the one who confirms is another.
    hands text not null,
    confirmed_by text,
    version bigint not null,
    body text not null,
    primary key (customer, id),
    check (confirmed_by is null or replace(hands, confirmed_by, '') = hands)
);
create index contact_id on contact (id);

drop table delivery;
create table delivery (
    customer text not null,
    id text not null,
    statement text not null,
    channel text not null,
    state text not null,
    version bigint not null,
    body text not null,
    primary key (customer, id)
);
create index delivery_id on delivery (id);
create index delivery_statement on delivery (customer, statement);

drop table acknowledgement;
create table acknowledgement (
    customer text not null,
    id text not null,
    statement text not null,
    version bigint not null,
    body text not null,
    primary key (customer, id)
);
create index acknowledgement_id on acknowledgement (id);
create index acknowledgement_statement on acknowledgement (customer, statement);
