"""ci/peers' statistics of paired runs, and the table it makes of them."""
import math
import statistics

CONFIDENCE = 0.95
# What is compared: title and decimals, by the device of the case.
METRICS = {
    "cpu": {"images_per_second": ("images/s", 1), "step_rss_mib": ("step RSS, MiB", 1), "cores_used": ("cores used", 2)},
    "cuda": {"images_per_second": ("images/s", 1), "step_time_ms": ("time per step, ms", 3),
             "gpu_peak_allocated_mib": ("GPU allocated, MiB", 1), "gpu_peak_reserved_mib": ("GPU reserved, MiB", 1)},
}


# Statistics


def order_statistic_interval(n, confidence=CONFIDENCE):
    """The narrowest symmetric pair of order statistics that holds the median with at least `confidence`.

    Returns (low rank, high rank, achieved confidence), ranks from 1, or None where n is too small. The number of values
    below the median is binomial (n, 1/2) whatever the distribution (David and Nagaraja, Order Statistics, 7.1).
    """
    best, outside = None, 0
    for low in range(1, n // 2 + 1):
        outside += 2 * math.comb(n, low - 1)
        achieved = 1 - outside / 2**n
        if achieved < confidence:
            break
        best = (low, n + 1 - low, achieved)
    return best


def relative_mad(values):
    """Median absolute deviation as a share of the median; None where the median is 0."""
    centre = statistics.median(values)
    return statistics.median(abs(value - centre) for value in values) / abs(centre) if centre else None


def summarise(pairs, metric):
    """Medians of both sides, and of the paired ratios with its interval; None where a run lacks the metric."""
    if not all(metric in pair[side]["metrics"] for pair in pairs for side in ("cpp", "python")):
        return None
    values = {side: [pair[side]["metrics"][metric] for pair in pairs] for side in ("cpp", "python")}
    if not all(values["python"]):
        return None
    ratios = sorted(cpp / python for cpp, python in zip(values["cpp"], values["python"]))
    summary = {side: (statistics.median(of_side), relative_mad(of_side)) for side, of_side in values.items()}
    ranks = order_statistic_interval(len(ratios))
    return {**summary, "n": len(ratios), "ratio": statistics.median(ratios),
            "interval": (ratios[ranks[0] - 1], ratios[ranks[1] - 1]) if ranks else None}


# Table


def side_cell(summary, decimals):
    median, deviation = summary
    return f"{median:.{decimals}f}" + ("" if deviation is None else f" ± {100 * deviation:.1f} %")


def table_row(label, metric, pairs, device="cpu"):
    title, decimals = METRICS[device][metric]
    found = summarise(pairs, metric)
    if found is None:
        return f"| {label} | {title} | not measured | not measured | - | - | {len(pairs)} |"
    interval = "none" if found["interval"] is None else "[{:.3f}, {:.3f}]".format(*found["interval"])
    return (f"| {label} | {title} | {side_cell(found['cpp'], decimals)} | {side_cell(found['python'], decimals)} | "
            f"{found['ratio']:.3f} | {interval} | {found['n']} |")


def interval_sentence(n):
    found = order_statistic_interval(n)
    if found is None:
        return f"No interval: {CONFIDENCE:.0%} of confidence needs 6 pairs or more, there are {n}."
    low, high, achieved = found
    return (f"Interval of the median ratio: order statistics {low} and {high} of {n}, exact confidence {achieved:.2%}, "
            "for any distribution.")


def gpu_of(machine):
    return "" if machine.get("gpu", "none") == "none" else f"GPU {machine['gpu']}, "


def machine_sentence(machine, noted):
    return (f"Machine: {machine.get('cpu', 'unknown CPU')}, {machine.get('cores', '?')} cores, "
            f"{machine.get('memory_gib', '?')} GiB, {machine.get('architecture', '?')}, {gpu_of(machine)}kernel "
            f"{machine.get('kernel', '?')}; load average before the first run {noted.get('load_average', 'unknown')}.")


def environment_sentence(pairs):
    """bench gives its workers variables of its own, which the Python runs then get too."""
    given = dict.fromkeys(f"{name}={value}" for pair in pairs for name, value in pair["environment"].items())
    return f"Both sides run with {' '.join(given)}." if given else "Neither side is given variables of its own."


def python_title(header):
    compiled = "" if header["compile"] == "no" else f", compile {header['compile']}"
    return f"Python ({header['form']}{compiled})"


def compile_sentence(pairs):
    seconds = [pair["python"]["measurement"].get("compile_seconds") for pair in pairs if "measurement" in pair["python"]]
    seconds = sorted(float(of_run) for of_run in seconds if of_run is not None)
    if not seconds:
        return []
    return [f"torch.compile took {seconds[0]:.1f} to {seconds[-1]:.1f} s a run, which lie in the warm-up; later runs find "
            "what earlier ones compiled."]


def markdown(pairs, header):
    """`pairs` are those of pairs.ndjson, at least one; `header` is its first line."""
    python, versions = python_title(header), header["versions"]
    table = [f"| {header['label']} | metric | C++ | {python} | C++/Python | interval | n |",
             f"|{':--' if header['label'] == 'benchmark' else '--:'}|:--|--:|--:|--:|:-:|--:|"]
    for label in dict.fromkeys(pair["label"] for pair in pairs):
        of_label = [pair for pair in pairs if pair["label"] == label]
        device = of_label[0]["device"]
        table += [table_row(label, metric, of_label, device) for metric in METRICS[device]]
    first = pairs[0]
    facts = first["cpp"]["measurement"]
    steps = " or ".join(dict.fromkeys(f"{pair['cpp']['metrics']['steps']:.0f}" for pair in pairs))
    batches = " or ".join(dict.fromkeys(str(pair["batch"]) for pair in pairs))
    notes = ["C++ and Python: median ± relative median absolute deviation. C++/Python: median of the paired ratios; "
             "above 1 C++ is faster, or uses more memory. Where fewer cores were used than threads asked for, other "
             "processes were busy: such runs measure the machine.",
             interval_sentence(header["pairs"]),
             f"Per run: batch {batches}, {steps} steps measured after "
             f"{first['cpp']['metrics']['warmup_steps']:.0f} of warm-up, data {facts.get('data_set', 'unknown')} "
             f"(hash {facts.get('data_set_hash', 'unknown')}).",
             *compile_sentence(pairs),
             environment_sentence(pairs),
             f"Versions: {versions['bench']}, {facts.get('compiler', 'unknown compiler')}; "
             f"Python {versions['python']}, PyTorch {versions['torch']}, torchvision {versions['torchvision']}, "
             f"NumPy {versions['numpy']}.",
             machine_sentence(first["machine"], first["noted"])]
    return "\n\n".join(["\n".join(table), *notes]) + "\n"
