-- What is published that a number can agree or disagree with? One row per sentence.
-- Source: definitions.md sections 4 to 6 and 15; the rows stand in sql/findings/findings.csv. The table is made and filled
-- anew with the views, so that a file of any age has today's columns.
create or replace table findings (
    finding_index integer not null,
    finding_name text not null,
    model_name text not null default 'RN50',
    claim text not null,
    measure text not null,
    unit_name text,
    layer_name text,
    stimulus_text text,
    share_definition text,
    image_source text,
    published_value double not null,
    comparison text not null,
    tolerance double not null,
    tolerance_reason text not null,
    source text not null,
    fill_command text not null,
    example_name text not null,
    is_comparable boolean not null default false,
);
comment on table findings is 'Claims on OpenAI''s models of the article "CLIP Enrichment Circuits", its repository and "Multimodal Neurons", to hold ours against.';
comment on column findings.finding_index is 'Place in the list, from 1.';
comment on column findings.finding_name is 'Name of the finding.';
comment on column findings.model_name is 'Model that it is about, with OpenAI''s weights: RN50, RN101 or RN50x4.';
comment on column findings.claim is 'What is said, in words.';
comment on column findings.measure is 'How our value is found; finding_values holds one select for each.';
comment on column findings.unit_name is 'Address of the unit that it is about; null for a claim on many.';
comment on column findings.layer_name is 'Address of the layer that it is about, or inside which units are ranked; null for a claim on the network.';
comment on column findings.stimulus_text is 'Text that is shown; null for a claim on no word.';
comment on column findings.share_definition is 'Definition of the shortcut share (residual_shares.definition); null for other claims.';
comment on column findings.image_source is 'Images of the shortcut share (residual_shares.image_source); null for other claims.';
comment on column findings.published_value is 'Value that the article gives, or the bound that its words imply.';
comment on column findings.comparison is 'about: within the tolerance; at least, at most: on that side, or within the tolerance.';
comment on column findings.tolerance is 'How far ours may lie off, in the unit of the value.';
comment on column findings.tolerance_reason is 'Why that far.';
comment on column findings.source is 'Where it is said.';
comment on column findings.fill_command is 'Command that measures what our value needs, without the model.';
comment on column findings.example_name is 'Query of sql/examples/ that shows more.';
comment on column findings.is_comparable is 'Whether another network can be asked the same; not so where single units are named.';
