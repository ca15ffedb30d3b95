-- What a group has used of the approval limit in a month is summed with every proposal and approval (law 5):
-- among the group's credits of that month, not among all there are.
create index credit_group_month on credit (customer_group, group_month) where group_month is not null;
