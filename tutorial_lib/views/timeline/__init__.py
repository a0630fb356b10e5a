"""What a workflow execution did when: a lane for each activity, timer, child ..."""
