"""Names that other frameworks give to the same settings (docs/training.md).

| module       | whose names                                              |
|--------------|----------------------------------------------------------|
| `optimizers` | PyTorch's options of optimizers, which all of them use   |
| `dingo`      | Dingo: `stage_0`, `scheduler: {type: …}`, `local`        |
| `xec`        | XEC: `lr_scheduler`, `warmup_epochs`, `grad_accum_steps` |
| `hypertrack` | HyperTrack's options of the command line                 |

A name is taken where it means the same here. Where it means something else, or
nothing, one line says so and names ours.
"""

from trackdnn.configuration.forms.translation import translated

__all__ = ["translated"]
