-- A part of a service: what a source delivers of one path, one region, or one path in one region. The
-- part is a series of its own; `whole` is the series of its service, which SLA lines name. Neither
-- path nor region: ''. `since` is where its first slot or probe stands; null: there is none.
create table part (
    series text primary key references series (id),
    whole text not null references series (id),
    path text not null,
    region text not null,
    since bigint,
    unique (whole, path, region)
);
