-- What do pictures look like from the weakest tenth of unit 4/2/6/277 to its strongest?
select
    unit_quantile_pictures.quantile_group,
    min(unit_quantile_pictures.activation_mean) as activation_smallest,
    max(unit_quantile_pictures.activation_mean) as activation_largest,
    list(unit_quantile_pictures.caption order by unit_quantile_pictures.picture_index) as captions,
from unit_quantile_pictures
where unit_quantile_pictures.unit_name = '4/2/6/277'
group by unit_quantile_pictures.quantile_group
order by unit_quantile_pictures.quantile_group;
