-- Which published claims can a number agree or disagree with? One row per claim.
-- Source: definitions.md sections 4 to 6 and 15; the rows are in sql/findings/findings.csv. The table is created and filled
-- together with the views, so a file of any age has today's columns.
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
comment on table findings is 'Claims about OpenAI''s models from the article "CLIP Enrichment Circuits", its repository and "Multimodal Neurons", to compare with our values.';
comment on column findings.finding_index is 'Position in the list, from 1.';
comment on column findings.finding_name is 'Name of the finding.';
comment on column findings.model_name is 'Model that it is about, with OpenAI''s weights: RN50, RN101 or RN50x4.';
comment on column findings.claim is 'The claim, in words.';
comment on column findings.measure is 'How our value is computed; finding_values has one select for each measure.';
comment on column findings.unit_name is 'Address of the unit that it is about; null for a claim about several units.';
comment on column findings.layer_name is 'Address of the layer that it is about, or inside which units are ranked; null for a claim about the network.';
comment on column findings.stimulus_text is 'Text that is shown; null for a claim about no word.';
comment on column findings.share_definition is 'Definition of the shortcut share (residual_shares.definition); null for other claims.';
comment on column findings.image_source is 'Images of the shortcut share (residual_shares.image_source); null for other claims.';
comment on column findings.published_value is 'Published value, or the bound that the words imply.';
comment on column findings.comparison is 'about: within the tolerance; at least, at most: on that side, or within the tolerance.';
comment on column findings.tolerance is 'How far ours may be off, in the unit of the value.';
comment on column findings.tolerance_reason is 'Why this tolerance.';
comment on column findings.source is 'Where the claim is made.';
comment on column findings.fill_command is 'Command that measures what our value needs, without the model.';
comment on column findings.example_name is 'Query of sql/examples/ that shows more.';
comment on column findings.is_comparable is 'Whether the claim can be tested on another network; not where it names single units.';
