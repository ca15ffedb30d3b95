-- Deadlines are about rights to terminate, too: a subject, one text. A right is part of its line; nothing
-- was ever written to the table that stood here for it.
alter table deadline rename column credit to subject;
drop table termination_right;
