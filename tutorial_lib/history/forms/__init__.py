"""The forms that histories come in: files of every tool, lists, and payloads that somebody has decoded."""
