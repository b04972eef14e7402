-- Which units respond to both of two stimuli? One row per unit measured on both.
-- Source: definitions.md section 2 (channel intersection: the elementwise minimum). A stimulus is named by its text, its
-- source, or '#' and its id (activations_on): from channel_intersection('hat', '#12') where layer_name = '4/2/6' limit 10
create or replace macro channel_intersection(first_stimulus, second_stimulus) as table
select
    firsts.unit_name,
    firsts.layer_name,
    least(firsts.activation_mean, seconds.activation_mean) as activation_minimum,
    firsts.activation_mean as first_activation_mean,
    seconds.activation_mean as second_activation_mean,
    firsts.run_id,
from activations_on(first_stimulus) as firsts
inner join activations_on(second_stimulus) as seconds on firsts.unit_id = seconds.unit_id
order by activation_minimum desc, firsts.unit_name;
comment on macro table channel_intersection is 'Units by the smaller of their activations on two stimuli, the largest first.';
