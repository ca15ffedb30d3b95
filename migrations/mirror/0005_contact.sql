-- Whom documents go to, where statements went, and what customers said to them.
create table contact (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    role text not null
) strict;
create index contact_customer on contact (customer);

create table delivery (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    statement text not null
) strict;
create index delivery_customer on delivery (customer);
create index delivery_statement on delivery (statement);

create table acknowledgement (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    statement text not null
) strict;
create index acknowledgement_customer on acknowledgement (customer);
create index acknowledgement_statement on acknowledgement (statement);
