-- A token that an administrator issues over HTTP is worth nothing until a second one confirms it.
alter table token add column confirmed_by text;
alter table token add column confirmed_at bigint;
