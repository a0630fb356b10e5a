"""What may differ between runs: few rules, each with its reason, read alike by nbval and by us."""

import re
import subprocess

from nbval.plugin import get_sanitize_patterns

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.sanitize import CONFIG, MAX_RULES, apply_rules, compare, load_rules
from tutorial_lib.authoring.validate import arguments

PROBE = """\
# %%
print("answer", 42)
# %%
print("run 0b5c1f0e-1111-2222-3333-444455556666")
# %%
print("at 127.0.0.1:7233 and http://localhost:8233/namespaces")
# %%
from IPython.display import HTML, display
HTML("<b>bold</b>")
# %% tags=["raises-exception"]
raise ValueError("first")
# %%
import base64
png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
display({"image/png": png, "text/plain": "a dot"}, raw=True)
# %%
display("one"); display("two")
# %%
import sys
print("out"); print("err", file=sys.stderr)
# %% tags=["nbval-ignore-output"] nbval={"reason": "to see that it is"}
print("whatever")
# %%
print("same")
"""

# Cell from 0, as nbval counts; what is changed in the committed file; whether strict nbval minds.
CHANGES = [
    (0, "answer 42", "answer 43", True),
    (1, "0b5c1f0e", "ffffffff", False),
    (2, "127.0.0.1:7233", "127.0.0.1:50123", False),
    (3, '<b>bold</b>"\n', '<b>bolder</b>"\n', True),
    (4, '"evalue": "first"', '"evalue": "other"', True),
    (5, '"image/png": "iVBORw0KGgoAAAANSUhEUgAAAAE', '"image/png": "iVBORw0KGgoAAAANSUhEUgAAAAF', False),
    (7, '"err\\n"', '"error\\n"', True),
    (8, "whatever\\n", "something else\\n", False),
]


def test_each_rule_has_a_reason_and_they_are_few():
    rules = load_rules()
    assert 0 < len(rules) <= MAX_RULES
    assert all(len(rule.reason) > 20 for rule in rules)


def test_nbval_reads_the_same_rules():
    ours = [(rule.regex.pattern, rule.replace) for rule in load_rules()]
    assert ours == get_sanitize_patterns(CONFIG.read_text(encoding="utf-8"))


def test_rules_touch_nothing_else():
    rules = load_rules()
    plain = "order-42 took 3:15 of 10:00 on 7233 and 8233, ratio 127.0.0.1, id 0b5c1f0e-1111"
    assert apply_rules(plain, rules) == plain
    assert (
        apply_rules("http://127.0.0.1:8233/x/0b5c1f0e-1111-2222-3333-444455556666", rules)
        == "http://<address>/x/<run-id>"
    )


def test_strict_nbval_fails_where_an_output_was_altered_and_agrees_with_compare(executed):
    lesson = executed(PROBE)
    fresh = committed_form.code_cells(committed_form.read(lesson))
    text = lesson.read_text(encoding="utf-8")
    for _, old, new, _ in CHANGES:
        assert text.count(old) >= 1, old
        # The last one is the output; the source comes after it in the file, so take the first.
        text = text.replace(old, new, 1)
    lesson.write_text(text, encoding="utf-8")
    altered = committed_form.code_cells(committed_form.read(lesson))
    del altered[6].outputs[1]
    notebook = committed_form.read(lesson)
    del committed_form.code_cells(notebook)[6].outputs[1]
    committed_form.write(notebook, lesson)

    run = subprocess.run(
        arguments([str(lesson), "-v"]), capture_output=True, text=True, check=False, timeout=110
    )

    failed = {int(cell) for cell in re.findall(r"::Cell (\d+) FAILED", run.stdout)}
    passed = {int(cell) for cell in re.findall(r"::Cell (\d+) PASSED", run.stdout)}
    minded = {cell for cell, _, _, minds in CHANGES if minds} | {6}
    assert run.returncode == 1, run.stdout + run.stderr
    assert failed == minded, run.stdout
    assert passed == set(range(10)) - minded
    rules = load_rules()
    ours = {n for n in range(10) if n != 8 and compare(altered[n].outputs, fresh[n].outputs, rules)}
    assert ours == minded


def test_strict_nbval_passes_what_was_not_altered(executed):
    lesson = executed("# %%\nprint('same')\n# %%\nimport os\nassert os.environ['TUTORIAL_STATE_DIR']")
    run = subprocess.run(arguments([str(lesson)]), capture_output=True, text=True, check=False, timeout=110)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 passed" in run.stdout
