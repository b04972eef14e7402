-- How deep is the notch at zero? A scalar: zero_density_ratio(zero_centred_bins(list(x), root_mean_square)).
-- Source: definitions.md section 4; the smoothing of the bins by 1, 2, 1 is a choice. At 1 or more there is no notch; 0 means
-- that the middle is empty, null that the sides are empty. The middle bin's two neighbours belong to neither.
create or replace macro zero_density_ratio(bins) as
    list_transform(
        [bins],
        lambda counts: (counts[19] + 2 * counts[20] + counts[21])
        / nullif(
            list_max(
                list_transform(
                    range(1, 19) || range(22, 40),
                    lambda bin: coalesce(counts[bin - 1], 0) + 2 * counts[bin] + coalesce(counts[bin + 1], 0)
                )
            ),
            0
        )
    )[1];
comment on macro zero_density_ratio is 'Density at zero over the highest density beside it, of the bins about zero.';
