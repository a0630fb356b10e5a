"""Who hears of it, and when, if somebody cancels, terminates or resets an execution."""
