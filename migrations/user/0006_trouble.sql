-- What central last failed over when it was sent a decision, as a problem in JSON: it is sent again, and its author
-- sees why it has not taken effect.
alter table outbox add column trouble text;
