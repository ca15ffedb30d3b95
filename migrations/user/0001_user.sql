-- What only this desk knows. Unlike the mirror it can't be fetched again.

create table setting (
    key text not null primary key,
    value text not null
) strict;

-- What a person decided, in the order in which they did. A row is never deleted: it changes state.
create table outbox (
    position integer primary key autoincrement,
    id text not null unique,
    command text not null,
    what text not null,
    subject text not null,
    state text not null check (state in ('queued', 'sent', 'confirmed', 'refused', 'stale', 'discarded')),
    made_at integer not null,
    send_at integer not null,
    answer text,
    receipt_seq integer
) strict;

create index outbox_open on outbox (position) where state in ('queued', 'sent');
create index outbox_confirmed on outbox (receipt_seq) where state = 'confirmed';

-- A statement on its way: every step is written down before the next begins, so that a run that was
-- killed goes on and never asks for a second number.
create table statement_run (
    statement text not null primary key,
    customer text not null,
    period text not null,
    language text not null,
    issue_command text not null,
    seal_command text,
    state text not null check (state in ('asked', 'numbered', 'written', 'sealed', 'failed')),
    receipt_seq integer,
    file text,
    sha256 text,
    problem text
) strict;

create index statement_run_open on statement_run (state) where state not in ('sealed', 'failed');

-- Calculation files, by what they rest on; checked against the settlement's hash when read.
create table case_file (
    settlement text not null,
    revision integer not null,
    sha256 text not null,
    body text not null,
    primary key (settlement, revision)
) strict;
