-- What a statement is of: `customer`, `contract`, `group`. Those that stand here are customers'.
alter table statement add column of_kind text not null default 'customer';
