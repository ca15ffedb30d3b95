-- Deadlines are about rights to terminate, too.
alter table deadline rename column credit to subject;
