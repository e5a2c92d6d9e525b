"""The workflows in ci/github and ci/gitlab as tests look at them, and their shell steps, run as the runner does."""
import os
import shutil
import sys

from git_world import ROOT, GitTest


def need(program, package):
    """Skips the whole script where the program is missing, which ctest shows."""
    if not shutil.which(program):
        print(f"{program} is missing (Debian's {package}; 'ci/setup --lint' installs it): skipped")
        sys.exit(77)


try:
    import yaml
except ImportError:
    # Debian's package is for Debian's python3.
    if os.path.exists("/usr/lib/python3/dist-packages/yaml") and sys.executable != "/usr/bin/python3":
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("PyYAML is missing (Debian's python3-yaml; 'ci/setup --lint' installs it): skipped")
    sys.exit(77)

GITHUB, GITLAB = ROOT / "ci" / "github", ROOT / "ci" / "gitlab" / "bench.gitlab-ci.yml"
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(GITHUB.glob("*.yml"))}
ACTION = yaml.safe_load((GITHUB / "gate" / "action.yml").read_text())
PIPELINE = yaml.safe_load(GITLAB.read_text())


def jobs():
    for name, workflow in WORKFLOWS.items():
        for job in workflow["jobs"].values():
            yield name, workflow, job


def steps():
    """All steps, with the variables that they are given."""
    for name, workflow, job in jobs():
        for step in job["steps"]:
            yield name, step, {**workflow.get("env", {}), **job.get("env", {}), **step.get("env", {})}
    for step in ACTION["runs"]["steps"]:
        yield "gate", step, step.get("env", {})


def shell_steps():
    return [(name, step, known) for name, step, known in steps() if "run" in step]


def step_named(name, step_name):
    return next(step for workflow, step, _ in steps() if (workflow, step["name"]) == (name, step_name))


def pipeline_jobs():
    """Each GitLab job's whole script."""
    common = PIPELINE[".bench-report"]
    for name in ("bench-gate", "bench-history"):
        yield name, "\n".join(common["before_script"] + PIPELINE[name]["script"])


class StepTest(GitTest):
    """Runs shell steps as the runner does."""

    def setUp(self):
        super().setUp()
        self.work = self.folder / "work"
        self.work.mkdir()
        self.bin = self.folder / "bin"
        for name in ("summary", "output"):
            (self.folder / name).touch()
        self.environment |= {
            "PATH": f"{self.bin}:/usr/local/bin:/usr/bin:/bin", "RUNNER_TEMP": str(self.temporary),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"), "GITHUB_OUTPUT": str(self.folder / "output"),
            "LOG": str(self.folder / "log")}

    def run_step(self, name, step_name, **environment):
        script = self.folder / "step.sh"
        script.write_text(step_named(name, step_name)["run"])
        return self.run_script("bash", "--noprofile", "--norc", "-eo", "pipefail", script, cwd=self.work, **environment)

    def text(self, name):
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    def outputs(self):
        return dict(line.split("=", 1) for line in self.text("output").splitlines())
