-- Days by which something has to be done about an SLA credit.
create table deadline (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    credit text not null,
    state text not null,
    due text not null
) strict;
create index deadline_customer on deadline (customer);
create index deadline_credit on deadline (credit);
create index deadline_due on deadline (due) where state = 'open';
