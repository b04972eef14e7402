-- Where on the map does a lower unit drive an upper one? One row per run and kept pair of units.
-- Source: definitions.md section 3; kept for each upper unit's strongest lower units of every lower layer.
create table if not exists expanded_weight_kernels (
    run_id integer not null,
    lower_unit_id integer not null,
    upper_unit_id integer not null,
    kernel_height integer not null,
    kernel_width integer not null,
    kernel float[] not null,
);
comment on table expanded_weight_kernels is 'Spatial expanded weights of the strongest pairs.';
comment on column expanded_weight_kernels.run_id is 'Run that computed it.';
comment on column expanded_weight_kernels.lower_unit_id is 'Unit the connection comes from.';
comment on column expanded_weight_kernels.upper_unit_id is 'Unit whose value at the centre position is read out.';
comment on column expanded_weight_kernels.kernel_height is 'Rows of the kernel, which is as high as the support.';
comment on column expanded_weight_kernels.kernel_width is 'Columns of the kernel.';
comment on column expanded_weight_kernels.kernel is 'Expanded weights row by row, kernel_height * kernel_width numbers.';
