-- A session that was given for a provider's ID token keeps that token's hash: it is good once.
alter table token add column origin text;
create unique index token_origin on token (origin);

-- What its owner calls a personal token, and what they confined it to (JSON lists; absent: nothing).
alter table token add column name text;
alter table token add column permissions text;
alter table token add column customers text;

-- The day of its last use, so that a forgotten one is seen.
alter table token add column used_on text;
create index token_person on token (person, issued_at);
