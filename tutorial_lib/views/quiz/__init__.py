"""Questions with one right choice each: a small widget, or a list whose answers unfold."""
