-- Files of statements that were sealed at another desk and added here: their bytes are those whose hash central
-- has on record. Where they lie is relative to the profile's folder.
create table statement_file (
    statement text not null primary key,
    file text not null
) strict;
