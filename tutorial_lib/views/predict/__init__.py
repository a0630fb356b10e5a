"""One question before the turn: what will happen? A row of choices, or a list of them."""
