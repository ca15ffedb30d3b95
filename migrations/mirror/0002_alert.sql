-- Warnings about lines of open windows.
create table alert (
    key text not null primary key,
    customer text not null,
    version integer not null,
    body text not null,
    line text not null,
    state text not null
) strict;
create index alert_customer on alert (customer);
create index alert_state on alert (state);
create index alert_line on alert (line);
