import random

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    """Most requests without a key: the fuzzer repeats its keys with other bodies, which are all refused alike."""
    if case.headers and random.random() < 0.95:
        for name in [name for name in case.headers if name.lower() == "idempotency-key"]:
            del case.headers[name]
