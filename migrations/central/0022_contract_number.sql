-- Whoever decides about an import sees whose contract a number is, where several customers use it; a table of fees names
-- contracts by their numbers: found without looking through all there are.
create index contract_number on contract (number);
