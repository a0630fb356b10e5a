"""What `tutorial author check` looks at beside the house rules, and the cure of each finding."""
