-- Warnings about lines of open windows. One per line, window and kind while it lasts: the index that
-- says so is what keeps two computations of the same window from raising it twice.
create table alert (
    customer text not null,
    id text not null,
    number text not null,
    contract text not null,
    line text not null,
    label text not null,
    kind text not null,
    state text not null,
    raised_at bigint not null,
    version bigint not null,
    body text not null,
    primary key (customer, id)
);
create index alert_id on alert (id);
create unique index alert_open on alert (customer, line, label, kind) where state = 'open';
create index alert_window on alert (customer, contract, label, state);
