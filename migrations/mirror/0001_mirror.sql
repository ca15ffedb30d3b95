-- What central says, in one person's scope. Disposable: a desk can fetch all of it again.
--
-- Every synced entity is its key, whose it is, its version and its body (the domain struct as JSON),
-- and beside them only what screens filter and sort by, copied out of the body.

create table position (
    one integer not null primary key check (one = 1),
    cursor text not null
) strict;

-- Entities that are gone, with the version at which they went: a late page must not bring them back.
create table gone (
    entity text not null,
    key text not null,
    customer text,
    version integer not null,
    primary key (entity, key)
) strict, without rowid;

create table legal_entity (
    key text not null primary key,
    customer text,
    version integer not null,
    body text not null
) strict;

create table person (
    key text not null primary key,
    customer text,
    version integer not null,
    body text not null
) strict;

create table policy (
    key text not null primary key,
    customer text,
    version integer not null,
    body text not null
) strict;

create table customer (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null
) strict;

create table contract (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    renews_on text
) strict;

create table sla_line (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    contract text not null
) strict;

create table attainment (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    line text not null,
    month text not null,
    state text not null,
    settlement text
) strict;

create table settlement (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    contract text not null,
    month text not null
) strict;

create table exclusion (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    series text not null,
    state text not null
) strict;

create table incident (
    key text not null primary key,
    customer text,
    version integer not null,
    body text not null
) strict;

create table hit (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    incident text not null
) strict;

create table breach (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    number text not null,
    line text not null,
    attainment text not null,
    settlement text,
    incident text,
    state text not null
) strict;

create table credit (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    number text not null,
    settlement text,
    decision text not null,
    billing text not null,
    customer_group text not null,
    group_month text
) strict;

create table statement (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    number text not null,
    period text not null,
    state text not null
) strict;

create table note (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    subject text not null
) strict;

create table audit_event (
    key text not null primary key,
    customer text,
    version integer not null,
    body text not null,
    position integer not null,
    subject text not null
) strict;

create index contract_customer on contract (customer);
create index sla_line_customer on sla_line (customer);
create index attainment_month on attainment (month, line);
create index attainment_line on attainment (line, month);
create index attainment_customer on attainment (customer, month);
create index settlement_month on settlement (month, customer);
create index settlement_customer on settlement (customer, month);
create index exclusion_customer on exclusion (customer);
create index hit_customer on hit (customer);
create index hit_incident on hit (incident);
create index breach_state on breach (state);
create index breach_customer on breach (customer);
create index breach_attainment on breach (attainment);
create index breach_number on breach (number);
create index credit_decision on credit (decision, billing);
create index credit_customer on credit (customer);
create index credit_settlement on credit (settlement);
create index credit_group on credit (customer_group, group_month);
create index credit_number on credit (number);
create index statement_period on statement (period, customer);
create index statement_customer on statement (customer, period);
create index statement_number on statement (number);
create index note_subject on note (subject);
create index audit_event_position on audit_event (position);
create index audit_event_subject on audit_event (subject);
create index audit_event_customer on audit_event (customer, position);
