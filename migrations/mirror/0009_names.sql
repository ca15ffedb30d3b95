-- Names by id, and what stands beside them in lists, out of an index: every screen asks for them.
create index customer_named on customer (key, name);
create index contract_named on contract (key, number, customer, currency);
create index sla_line_named
    on sla_line (key, name, contract, customer, window_note, objective, internal_objective);
