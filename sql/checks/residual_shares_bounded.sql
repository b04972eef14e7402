-- Do shares lie between 0 and 1 and cosines between -1 and 1, and are they null exactly when there is nothing to average?
select
    residual_shares.run_id,
    residual_shares.unit_id,
    residual_shares.definition,
    residual_shares.image_count,
    residual_shares.shortcut_share,
    residual_shares.cosine_similarity,
from residual_shares
where
    residual_shares.shortcut_share not between 0 and 1
    or residual_shares.cosine_similarity not between -1 and 1
    or residual_shares.shortcut_norm not between 0 and 3.4e38
    or residual_shares.residual_norm not between 0 and 3.4e38
    or residual_shares.shortcut_share_deviation not between 0 and 0.71
    or residual_shares.image_count < 0
    or (residual_shares.image_count = 0) <> (residual_shares.shortcut_norm is null)
    or (residual_shares.image_count = 0) <> (residual_shares.residual_norm is null)
    or (residual_shares.shortcut_share is null)
    <> (coalesce(residual_shares.shortcut_norm, 0) + coalesce(residual_shares.residual_norm, 0) = 0)
    or (residual_shares.image_count < 2 and residual_shares.shortcut_share_deviation is not null);
