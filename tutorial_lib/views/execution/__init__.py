"""What views of one execution share: its lanes, its sentences, its activities' attempts, a policy's plan."""
