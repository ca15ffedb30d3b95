-- What keeps screens fast in a large house: columns to filter and sort by, lists in their order,
-- counts, and a search index. Instants are integer seconds, 0 for never.
alter table person add column name text not null default '';
alter table customer add column name text not null default '';
alter table customer add column group_name text not null default '';
alter table customer add column csm text;
alter table customer add column account_manager text;
alter table contract add column number text not null default '';
alter table contract add column currency text not null default '';
alter table sla_line add column name text not null default '';
alter table sla_line add column objective text not null default '';
alter table sla_line add column internal_objective text;
alter table sla_line add column window_note text not null default '';
alter table sla_line add column fee text not null default '';
alter table sla_line add column active_from integer not null default 0;
alter table sla_line add column active_to integer not null default 0;
alter table attainment add column starts_at integer not null default 0;
alter table attainment add column as_of integer not null default 0;
-- As the screens' `Status` orders them, the worst first.
alter table attainment add column status integer not null default 0;
-- Microseconds of the allowance that are left, cut; the most there is for measures without one.
alter table attainment add column left_micros integer not null default 0;
alter table attainment add column owed integer not null default 0;
alter table attainment add column currency text;
alter table attainment add column label text not null default '';
alter table attainment add column percent text;
alter table attainment add column unknown_seconds integer not null default 0;
-- What was left on each day, drawn: where zero lies, then each day's height.
alter table attainment add column spark text not null default '';
alter table settlement add column locked_at integer not null default 0;
alter table settlement add column total integer not null default 0;
alter table settlement add column currency text;
alter table breach add column contract text not null default '';
alter table breach add column label text not null default '';
alter table breach add column snoozed_until integer not null default 0;
alter table breach add column reviewed_at integer not null default 0;
alter table credit add column kind text not null default '';
alter table credit add column label text not null default '';
alter table credit add column claim text not null default '';
alter table credit add column minor integer not null default 0;
alter table credit add column currency text;
alter table credit add column tab text;
alter table credit add column proposed_at integer not null default 0;
alter table credit add column decided_at integer not null default 0;
-- Ids of who has proposed or approved it.
alter table credit add column hands text not null default '';
alter table deadline add column kind text not null default '';
alter table deadline add column owner text;
alter table deadline add column done_at integer not null default 0;
alter table alert add column level text not null default '';
alter table alert add column raised_at integer not null default 0;
alter table alert add column acknowledged_at integer not null default 0;
alter table alert add column resolved_at integer not null default 0;

-- What follows from several entities, and is written anew for whatever a page touches.
alter table settlement add column decided integer not null default 0;
alter table breach add column left_micros integer not null default 0;
alter table breach add column cause text;
-- Names of customer, contract and line, and what the line costs.
alter table breach add column title text not null default '';
alter table breach add column owed integer not null default 0;
alter table breach add column currency text;

-- Whether everything here that follows from other rows has been written: 0 in a mirror of an older
-- version.
create table rollup (
    one integer not null primary key check (one = 1),
    built integer not null
) strict;
insert into rollup values (1, 0);

-- How many there are of a class: lines of a month by state and status, breaches by state, credits by
-- tab, customers of a month by where their statement stands.
create table tally (
    entity text not null,
    month text not null,
    class text not null,
    number integer not null,
    primary key (entity, month, class)
) strict, without rowid;

-- A month's lines in the order in which the portfolio lists them.
create table place (
    month text not null,
    status integer not null,
    left_micros integer not null,
    -- Names of customer, contract and line.
    title text not null,
    attainment text not null,
    customer text not null,
    primary key (month, status, left_micros, title, attainment)
) strict, without rowid;
create index place_customer on place (customer, month) where status < 3;

-- A month's customers as the run of statements lists them.
create table run (
    month text not null,
    customer text not null,
    -- 0 where something stands in the way.
    rank integer not null,
    name text not null,
    state text not null,
    state_text text not null,
    -- A list of texts, as JSON.
    reasons text not null,
    number text,
    primary key (month, customer)
) strict, without rowid;
create index run_place on run (month, rank, name, customer);
create index run_customer on run (customer);

-- What is found by its name or number.
create table named (
    id integer primary key,
    kind text not null,
    key text not null,
    title text not null,
    content text not null,
    -- 1 while the index below has another text, -1 where the entity is gone.
    fresh integer not null default 1,
    unique (kind, key)
) strict;
create index named_title on named (kind, lower(title));
create index named_fresh on named (fresh) where fresh <> 0;
-- `kind` is a token of three letters in the index itself, so that looking for one kind reads no other.
create virtual table sought using fts5 (
    content_text, kind, content = '', contentless_delete = 1, tokenize = 'trigram'
);

drop index attainment_month;
drop index attainment_customer;
-- Nothing asks by these alone any more, and they were taken for what the ones below are for.
drop index breach_state;
drop index credit_decision;
drop index alert_state;
create index attainment_as_of on attainment (month, as_of);
create index attainment_book on attainment (customer, month, status, state);
create index attainment_line_starts_at on attainment (line, starts_at);
create index attainment_settlement on attainment (settlement);
create index attainment_running on attainment (month, currency, owed)
    where settlement is null and owed <> 0;
create index customer_name on customer (name, key);
create index customer_csm on customer (csm, key);
create index customer_account_manager on customer (account_manager, key);
create index contract_number on contract (number);
create index contract_renews_on on contract (renews_on) where renews_on is not null;
create index contract_book on contract (customer, renews_on);
create index sla_line_book on sla_line (customer, contract, fee, active_from, active_to);
create index settlement_locked on settlement (month, locked_at);
create index settlement_open on settlement (month, currency, total) where decided = 0 and total <> 0;
create index settlement_contract on settlement (contract, month);
create index breach_settlement on breach (settlement);
create index breach_waiting on breach (left_micros, number, state, snoozed_until, cause, contract)
    where state in ('to_review', 'snoozed');
create index breach_shared on breach (cause, left_micros, state, snoozed_until, contract)
    where state in ('to_review', 'snoozed');
create index breach_decided on breach (reviewed_at, number) where state in ('confirmed', 'cleared');
create index breach_cause on breach (cause, contract) where cause is not null;
create index credit_tab on credit (tab, proposed_at, length(number), number);
create index credit_decided on credit (decided_at) where decided_at <> 0;
create index credit_late on credit (claim) where claim = 'late';
create index credit_waiting on credit (tab, claim, hands, key)
    where tab in ('drafted', 'returned', 'awaiting', 'second');
create index credit_counted
    on credit (customer_group, group_month, decision, currency, minor, key);
create index deadline_owner on deadline (owner, due) where state = 'open';
create index deadline_ended on deadline (done_at) where done_at <> 0;
create index alert_waiting on alert (acknowledged_at, level, raised_at) where state = 'open';
create index alert_ended on alert (resolved_at) where resolved_at <> 0;
