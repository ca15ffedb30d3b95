-- What a statement is of: the whole customer, as those that stand here are, one contract, or the
-- customer's group. Numbers come from one series; revisions run for each by itself.
alter table statement add column of_kind text not null default 'customer'
    check (of_kind in ('customer', 'contract', 'group'));
alter table statement add column of_id text not null default ''
    check ((of_kind = 'customer') = (of_id = ''));
create unique index statement_revision on statement (customer, period, of_kind, of_id, revision);
create unique index statement_open on statement (customer, period, of_kind, of_id)
    where state = 'issued';
-- A group's statement is sent to those alone who may see each of its customers.
create table statement_customer (
    statement text not null,
    customer text not null,
    primary key (statement, customer)
);
