"""The replay stepper: code on the left, history on the right, one workflow task a step."""
