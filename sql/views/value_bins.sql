-- How many values of a list lie in each of some bins of equal width? A list with one entry per bin, empty bins included.
-- Every histogram of this warehouse uses it. A bin includes its start, the last one its end too; null where both ends are equal.
create or replace macro value_bins(measured, lowest, highest, bin_count) as
case
    when highest > lowest
    then list_transform(
        [
            list_aggregate(
                list_transform(
                    measured,
                    lambda value: least(floor((value - lowest) / (highest - lowest) * bin_count), bin_count - 1)::integer
                ),
                'histogram'
            )
        ],
        lambda counts: list_transform(
            range(bin_count),
            lambda place: {
                'bin_index': place,
                'bin_start': lowest + (highest - lowest) * place / bin_count,
                'bin_end': lowest + (highest - lowest) * (place + 1) / bin_count,
                'value_count': coalesce(counts[place::integer], 0),
            }
        )
    )[1]
end;
comment on macro value_bins is 'How many of a list''s values lie in each of bin_count bins of equal width between two ends.';
