-- By which number are a unit's connections ordered, the largest first? A scalar: connection_order('excitatory', mean, magnitude).
-- Source: the unit page's choice: excitatory, inhibitory, mean (its size) or magnitude.
create or replace macro connection_order(chosen, signed_mean, size) as
case chosen
    when 'excitatory' then signed_mean
    when 'inhibitory' then -signed_mean
    when 'mean' then abs(signed_mean)
    else size
end;
comment on macro connection_order is 'The number by which connections are ordered, descending, for each order that the unit page offers.';
