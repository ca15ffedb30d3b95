-- A statement on its way to its customer: written down before it leaves, so that a desk that was killed
-- knows what may have gone out. `sending` at the start means that nobody knows whether it did.
create table delivery_run (
    delivery text not null primary key,
    statement text not null,
    customer text not null,
    role text not null,
    -- Whom its author saw: the addressees, as JSON.
    seen text not null,
    -- Whom it goes to, once it is sent.
    addressees text,
    message_id text,
    resend_of text,
    reason text,
    state text not null check (state in ('prepared', 'held', 'sending', 'perhaps', 'sent', 'failed', 'dropped')),
    attempts integer not null default 0,
    next_at integer not null default 0,
    made_at integer not null,
    problem text
) strict;

create index delivery_run_open on delivery_run (state) where state in ('prepared', 'held', 'sending');
create index delivery_run_statement on delivery_run (statement);
