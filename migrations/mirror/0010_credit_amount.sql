-- Credits of a tab by their amounts, currency by currency.
create index credit_amount on credit (tab, currency, minor, length(number), number);
-- Statements of a month by customer.
create index run_named on run (month, name, customer);
