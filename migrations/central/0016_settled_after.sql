-- A push of evidence about many contracts asks whether anything that ends after it is settled.
create index settlement_ends on settlement (to_at);
