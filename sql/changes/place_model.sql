-- Where are the weights of a known model now? Its row keeps its name, unless that is a path.
-- Source: warehouse/loading.py. Files may have moved, and earlier versions stored paths relative to the folder of the command.
update models
set model_name = $model_name, pretrained_tag = $pretrained_tag
where
    models.weights_sha256 = $weights_sha256
    and (
        (starts_with(models.model_name, 'local-dir:') and starts_with($model_name, 'local-dir:'))
        or (
            models.model_name = $model_name
            and starts_with($pretrained_tag, '/')
            and (starts_with(models.pretrained_tag, '/') or ends_with($pretrained_tag, '/' || models.pretrained_tag))
        )
    );
