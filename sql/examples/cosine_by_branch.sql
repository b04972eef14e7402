-- How much of a picture's cosine to its own name comes along the shortcut, and how much does the last bottleneck add?
select
    logit_learning.named_by,
    logit_learning.picture_count,
    logit_learning.cosine_mean,
    logit_learning.shortcut_share,
    logit_learning.residual_share,
    logit_learning.position_share + logit_learning.constant_share as rest_share,
    logit_learning.cosine_above_mean,
    logit_learning.shortcut_share_above_mean,
    logit_learning.residual_share_above_mean,
from logit_learning
where logit_learning.concept is null
order by logit_learning.named_by;
