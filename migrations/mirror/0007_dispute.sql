-- Until when a dispute has to be answered, and whose it is: only while nobody has.
alter table acknowledgement add column dispute_due text;
alter table acknowledgement add column dispute_owner text;
create index acknowledgement_dispute on acknowledgement (dispute_due, key) where dispute_due is not null;
