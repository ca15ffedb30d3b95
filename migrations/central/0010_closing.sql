-- What is closing is asked for by its state; what is locked, nearly all, does not stand in this index.
create index attainment_closing on attainment (to_at) where state = 'closing';
