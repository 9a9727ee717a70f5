import random

import schemathesis

# The number that all keys speak for, and the id of none.
OWN_SENDER = "0193a1f0-0000-7000-8000-000000000002"
NO_SENDER = "0193a1f0-0000-7000-8000-0000000000ff"


@schemathesis.hook
def before_call(context, case, kwargs):
    forget_most_idempotency_keys(case)
    spare_own_sender(case)


def forget_most_idempotency_keys(case):
    """The fuzzer repeats its keys with other bodies, which are all refused alike."""
    if case.headers and random.random() < 0.95:
        for name in [name for name in case.headers if name.lower() == "idempotency-key"]:
            del case.headers[name]


def spare_own_sender(case):
    """It learns ids from answers. With made-up settings every later request would fail at the number's provider."""
    ids = case.path_parameters
    if case.method.upper() != "GET" and ids and ids.get("id") == OWN_SENDER:
        ids["id"] = NO_SENDER
