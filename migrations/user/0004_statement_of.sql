-- What a statement on its way is of, as JSON; absent: the whole customer.
alter table statement_run add column of_what text;
