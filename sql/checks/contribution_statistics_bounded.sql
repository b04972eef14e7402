-- Do shares, balances and p values of contributions lie within their bounds?
select
    contribution_statistics.run_id,
    contribution_statistics.direction,
    contribution_statistics.unit_id,
    contribution_statistics.other_layer_id,
from contribution_statistics
where
    contribution_statistics.near_zero_share not between 0 and 1
    or contribution_statistics.sign_balance not between -1 and 1
    or contribution_statistics.dip_p_value not between 0 and 1
    or contribution_statistics.zero_density_ratio < 0
    or contribution_statistics.negative_mean > 0
    or contribution_statistics.positive_mean < 0;
