"""What README.md tells its reader to type."""

from __future__ import annotations

import ast
import re

_PROGRAMS = {"apt", "docker", "git", "make", "pip", "python", "python3", "temporal", "tutorial", "uv"}
_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(readme: str) -> list[str]:
    """The lines of blocks, and inline code that is a command; each once, without comments."""
    typed = [re.sub(r"(^|\s+)#.*", "", line) for line in "\n".join(_FENCE.findall(readme)).splitlines()]
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", _FENCE.sub("", readme))]
    return list(dict.fromkeys(filter(None, [*typed, *filter(is_command, spans)])))


def is_command(code: str) -> bool:
    """Whether inline code belongs into a shell. Else it is Python, a setting, or a mere name."""
    words = [word for word in code.split() if not re.match(r"[A-Z_]+=", word)]
    if not words or code.startswith("%"):
        return False
    if len(words) == 1:
        return words[0] in _PROGRAMS or words[0].startswith((".ci/", ".venv/", "./"))
    try:
        compile(code, "README.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
    except SyntaxError:
        return True
    return False
