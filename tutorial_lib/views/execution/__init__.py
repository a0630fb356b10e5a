"""What timeline and history table share: a view of one execution, its lanes, its sentences."""
