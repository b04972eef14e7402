-- Which gates were a run's expanded weights computed with? A scalar: gates_of(part_name) is 'linear' or 'pictures'.
-- Source: definitions.md sections 3 and 10: every ReLU open, or each picture's own gates, averaged over pictures. Statistics have the
-- part_name of their weights.
create or replace macro gates_of(part_name) as case when part_name = 'gated' then 'pictures' else 'linear' end;
comment on macro gates_of is 'Gates of a weights run or of its contributions run, from its part_name.';
