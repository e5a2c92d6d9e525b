"""What the Python peer can train, apart from torch: its forms, and a sentence for every case that it cannot do."""

FORMS = ("study", "strong")
# How many steps until nothing is compiled or recorded any more; the warm-up must hold them.
COMPILE_STEPS = {"no": 0, "default": 2, "max-autotune": 4}
EVERY_CASE = {"model": ("resnet18",), "stem": ("imagenet",), "epochs": (0,)}
# (form, device): what of a case the form can do. How the C++ side does it (its step form, feed, layout, optimizer) is
# not the peer's business: a form stands against whatever trains the same.
UNDERSTOOD = {
    ("study", "cpu"): {"precision": ("fp32",), "scaling": ("none",)},
    ("study", "cuda"): {"precision": ("fp32", "tf32", "amp_fp16", "amp_bf16"),
                        "scaling": ("none", "host_read", "on_device")},
    ("strong", "cpu"): {"precision": ("fp32", "amp_bf16"), "scaling": ("none",)},
    ("strong", "cuda"): {"precision": ("fp32", "tf32", "amp_fp16", "amp_bf16"),
                         "scaling": ("none", "host_read", "on_device")},
}
COMPILED = {("strong", "cpu"): ("no", "default"), ("strong", "cuda"): ("no", "default", "max-autotune")}


def listed(words):
    return " or ".join(f"'{word}'" for word in words)


def refusal(case, form, compiled):
    """Why `form` with --compile=`compiled` cannot train `case`, one that bench --describe printed; None where it can."""
    device = case["device"]
    if (form, device) not in UNDERSTOOD:
        devices = [of for name, of in UNDERSTOOD if name == form]
        return f"The form '{form}' trains on {listed(devices)}, not on '{device}'."
    for name, values in {**EVERY_CASE, **UNDERSTOOD[form, device]}.items():
        # A description without this field is of a bench that knows one value of it.
        value = case.get(name, values[0])
        if value not in values:
            return f"The form '{form}' on '{device}' trains cases with {name} {listed(values)}, not '{value}'."
    kinds = COMPILED.get((form, device), ("no",))
    if compiled not in kinds:
        return f"The form '{form}' on '{device}' goes with --compile={' or '.join(kinds)}, not '{compiled}'."
    if case["warmup_steps"] < COMPILE_STEPS[compiled]:
        return (f"With --compile={compiled} the first {COMPILE_STEPS[compiled]} steps compile, and the case warms up for "
                f"{case['warmup_steps']} only: ask for more with --warmup_steps=N.")
    return None


def batch_of(case):
    return case["batch"] if "batch" in case else case["axes"]["batch"]


def is_scaled(case):
    """float16 gradients are kept from underflow by a GradScaler, unless the case says that nothing is."""
    return case["precision"] == "amp_fp16" and case.get("scaling", "host_read") != "none"
