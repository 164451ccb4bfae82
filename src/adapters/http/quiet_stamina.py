"""stamina without its own words; loaded at the first retry, for that takes 10 ms."""

import stamina
from stamina.instrumentation import set_on_retry_hooks

set_on_retry_hooks(())  # it would warn of each retry; what `BackoffHook` logs says more

__all__ = ["stamina"]
