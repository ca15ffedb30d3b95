-- What figures and lists go by is whole: what is owed and undecided, until when evidence is complete,
-- in which month a labelled window ends, and names as they are looked for and put in order.

-- Minor units, signed, of the settlement's credits that are still to be decided.
drop index settlement_open;
alter table settlement rename column decided to undecided;
create index settlement_undecided on settlement (month, currency, undecided) where undecided <> 0;

create index attainment_unlocked on attainment (month, as_of) where state <> 'locked';

-- The month in which the window ends that the label names.
alter table credit add column month text not null default '';

-- Lower case, without marks: `osterreichische post ag`.
alter table customer add column folded text not null default '';
alter table customer add column folded_group text not null default '';
alter table contract add column folded text not null default '';
alter table named add column folded text not null default '';
alter table run add column folded text not null default '';
drop index customer_name;
create index customer_folded on customer (folded, key);
drop index named_title;
create index named_folded on named (kind, folded);
drop index run_place;
create index run_place on run (month, rank, folded, customer);
drop index run_named;
create index run_named on run (month, folded, customer);

-- Who has left renews nothing.
alter table customer add column churned_on text;
create index customer_churned on customer (key, churned_on) where churned_on is not null;

-- The columns are filled from the bodies, and what follows from them is written anew.
update rollup set built = 0;
