"""The forms of histories: files of every tool, lists, and payloads that somebody has decoded."""
